#!/bin/bash
# What cassandra:5.0 does with MAX_HEAP_SIZE and JVM_EXTRA_OPTS.
set -euo pipefail
read -r -a extra <<<"${JVM_EXTRA_OPTS:-}"
options=()
for export in java.base/jdk.internal.misc java.management.rmi/com.sun.jmx.remote.internal.rmi java.rmi/sun.rmi.registry \
    java.rmi/sun.rmi.server java.rmi/sun.rmi.transport.tcp java.sql/java.sql java.base/java.lang.ref java.base/jdk.internal.ref \
    java.base/jdk.internal.perf java.base/sun.nio.ch jdk.unsupported/sun.misc; do
    options+=(--add-exports "$export=ALL-UNNAMED")
done
for open in java.base/java.lang.module java.base/jdk.internal.loader java.base/jdk.internal.ref java.base/jdk.internal.reflect \
    java.base/jdk.internal.math java.base/jdk.internal.module java.base/jdk.internal.util.jar java.base/java.lang \
    java.base/java.lang.invoke java.base/java.math java.base/java.io java.base/java.lang.reflect java.base/java.net java.base/java.nio \
    java.base/java.util java.base/java.util.concurrent java.base/java.util.concurrent.atomic java.base/sun.nio.ch \
    java.management.rmi/com.sun.jmx.remote.internal.rmi jdk.management.jfr/jdk.management.jfr jdk.management/com.sun.management \
    jdk.management/com.sun.management.internal; do
    options+=(--add-opens "$open=ALL-UNNAMED")
done
exec java "-Xms$MAX_HEAP_SIZE" "-Xmx$MAX_HEAP_SIZE" -XX:+UseSerialGC -XX:MaxDirectMemorySize=256m -XX:TieredStopAtLevel=1 -Xss512k \
    -XX:+ExitOnOutOfMemoryError -javaagent:"$(echo /opt/cassandra/lib/jamm-*.jar)" -Djdk.attach.allowAttachSelf=true \
    -Dio.netty.tryReflectionSetAccessible=true -Djava.net.preferIPv4Stack=true "${options[@]}" \
    -Dlogback.configurationFile=/opt/cassandra/logback.xml -Dcassandra.storagedir=/var/lib/cassandra -Dcassandra.logdir=/var/log/cassandra \
    -Dcassandra-foreground=yes -Dcassandra.ring_delay_ms=0 -Dcassandra.jmx.local.port=7199 "${extra[@]}" \
    -cp '/opt/cassandra/lib/*' org.apache.cassandra.service.CassandraDaemon
