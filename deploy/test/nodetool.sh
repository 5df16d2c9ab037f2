#!/bin/bash
exec java @/opt/cassandra/java.options -Xmx96m -Dcassandra.storagedir=/tmp org.apache.cassandra.tools.NodeTool "$@"
