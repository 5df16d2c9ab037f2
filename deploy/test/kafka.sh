#!/bin/bash
# What apache/kafka does with KAFKA_* and CLUSTER_ID: KAFKA_LOG_DIRS becomes log.dirs; the storage is formatted once.
set -euo pipefail
properties=/tmp/server.properties
env | sed -n 's/^KAFKA_\([A-Z0-9_]*\)=\(.*\)$/\1=\2/p' | grep -v -e ^HEAP_OPTS= | while IFS='=' read -r key value; do
    echo "$(tr 'A-Z_' 'a-z.' <<<"$key")=$value"
done >"$properties"
read -r -a heap <<<"${KAFKA_HEAP_OPTS:-}"
java=(java "${heap[@]}" -XX:+UseSerialGC -cp '/opt/kafka/libs/*')
"${java[@]}" kafka.tools.StorageTool format -t "${CLUSTER_ID:-5L6g3nShT-eMCtK--X86sw}" -c "$properties" --ignore-formatted >/dev/null
exec "${java[@]}" kafka.Kafka "$properties"
