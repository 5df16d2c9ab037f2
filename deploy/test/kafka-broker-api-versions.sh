#!/bin/bash
# kafka-broker-api-versions.sh --bootstrap-server HOST:PORT: the tool's question, ApiVersions, by hand: its jar is not everywhere on Maven
# Central. Well when the broker answers it, under the number that it was asked by and without an error.
set -euo pipefail
server=$2
exec 3<>"/dev/tcp/${server%:*}/${server#*:}"
# length 10, key 18, version 0, number 1, no client's name
printf '\x00\x00\x00\x0a\x00\x12\x00\x00\x00\x00\x00\x01\xff\xff' >&3
answer=$(timeout 5 head -c 10 <&3 | od -An -tx1 | tr -d ' \n')
[[ ${answer:8} == 000000010000 ]]
