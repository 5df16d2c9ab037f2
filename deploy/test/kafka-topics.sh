#!/bin/bash
# kafka-topics.sh --bootstrap-server HOST:PORT --delete --topic TOPIC: the tool's one request that README.md has, DeleteTopics, by hand as in
# kafka-broker-api-versions.sh. Well when the broker has deleted it.
set -euo pipefail
[[ $1 == --bootstrap-server && $3 == --delete && $4 == --topic ]]
server=$2 topic=$5
exec 3<>"/dev/tcp/${server%:*}/${server#*:}"
# length, key 20, version 1, number 1, no client's name, one topic, 30 s
number() { printf '\\x%02x\\x%02x' "$(($1 >> 8))" "$(($1 & 255))"; }
printf "\\x00\\x00$(number $((20 + ${#topic})))\\x00\\x14\\x00\\x01\\x00\\x00\\x00\\x01\\xff\\xff\\x00\\x00\\x00\\x01$(number ${#topic})%s\\x00\\x00\\x75\\x30" \
    "$topic" >&3
# length, number, not throttled, one topic, its name, its error
answer=$(timeout 40 head -c $((20 + ${#topic})) <&3 | od -An -v -tx1 | tr -d ' \n')
[[ ${answer:8:8} == 00000001 && ${answer: -4} == 0000 ]] || { echo "not deleted: $answer" >&2; exit 1; }
