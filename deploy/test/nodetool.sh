#!/bin/bash
exec java -Xmx96m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dcassandra.storagedir=/tmp -Dlogback.configurationFile=/opt/cassandra/logback.xml \
    -cp '/opt/cassandra/lib/*' org.apache.cassandra.tools.NodeTool "$@"
