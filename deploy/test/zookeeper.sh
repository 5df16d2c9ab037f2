#!/bin/bash
# What zookeeper:3.9 does with ZOO_SERVERS, ZOO_MY_ID and JVMFLAGS.
set -euo pipefail
{
    printf 'tickTime=2000\ninitLimit=5\nsyncLimit=2\ndataDir=/data\ndataLogDir=/datalog\nstandaloneEnabled=true\n'
    echo "admin.enableServer=${ZOO_ADMINSERVER_ENABLED:-true}"
    tr ' ' '\n' <<<"${ZOO_SERVERS:-server.1=localhost:2888:3888;2181}"
} >/conf/zoo.cfg
[[ -f /data/myid ]] || echo "${ZOO_MY_ID:-1}" >/data/myid
read -r -a flags <<<"${JVMFLAGS:-}"
exec java "${flags[@]}" -XX:+UseSerialGC -Dlogback.configurationFile=/opt/zookeeper/logback.xml -cp '/opt/zookeeper/lib/*' \
    org.apache.zookeeper.server.quorum.QuorumPeerMain /conf/zoo.cfg
