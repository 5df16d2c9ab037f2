#!/bin/bash
# jars.sh MODULE FOLDER: copies a built module's jar and all that it runs on into FOLDER. What other modules only wrote as classes is made
# a jar by Maven's package phase, which has run before.
set -euo pipefail
home=$(CDPATH='' cd "$(dirname "$0")/../.." && pwd -P)
module=$home/$1 folder=$2

mkdir -p "$folder"
cp "$module"/target/*-[0-9]*.jar "$folder"/
IFS=: read -r -a entries <"$module/target/runtime.classpath" || true # the file has no newline
for entry in "${entries[@]}"; do
    if [[ ! -f $entry ]]; then
        echo "jars: $entry is no jar; build with ./mvnw package" >&2
        exit 1
    fi
    cp "$entry" "$folder"/
done
chmod 644 "$folder"/*
echo "jars: $(find "$folder" -name '*.jar' | wc -l) in $folder"
