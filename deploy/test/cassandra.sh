#!/bin/bash
# What cassandra:5.0 does with MAX_HEAP_SIZE and JVM_EXTRA_OPTS.
set -euo pipefail
read -r -a extra <<<"${JVM_EXTRA_OPTS:-}"
exec java @/opt/cassandra/java.options "-Xms$MAX_HEAP_SIZE" "-Xmx$MAX_HEAP_SIZE" -XX:MaxDirectMemorySize=256m -Xss512k \
    -XX:+ExitOnOutOfMemoryError -javaagent:"$(echo /opt/cassandra/lib/jamm-*.jar)" -Djdk.attach.allowAttachSelf=true \
    -Dio.netty.tryReflectionSetAccessible=true -Djava.net.preferIPv4Stack=true -Dcassandra.storagedir=/var/lib/cassandra \
    -Dcassandra.logdir=/var/log/cassandra -Dcassandra-foreground=yes -Dcassandra.ring_delay_ms=0 -Dcassandra.jmx.local.port=7199 \
    "${extra[@]}" org.apache.cassandra.service.CassandraDaemon
