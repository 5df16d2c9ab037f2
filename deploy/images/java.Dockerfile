# Our Java programs: one build, a target for each image. Context: the project's folder.
#
#   docker build -f deploy/images/java.Dockerfile --target ingest -t tributary/ingest .
#
# Where a build has no network, JARS names an image with the jars at /jars, as deploy/images/jars.sh leaves them.
ARG BUILD_IMAGE=maven:3.9.11-eclipse-temurin-17
ARG BASE_IMAGE=eclipse-temurin:17.0.16_8-jre-noble
ARG JARS=build

FROM ${BUILD_IMAGE} AS build
WORKDIR /project
COPY . .
RUN --mount=type=cache,target=/root/.m2 \
    mvn -B -ntp -T2 -Dmaven.test.skip=true -Dspotless.check.skip=true -Denforcer.skip=true \
        -pl '!deploy/acceptance,!perf' package \
    && deploy/images/jars.sh reactive-ingest /jars/ingest \
    && deploy/images/jars.sh spark-stream /jars/spark-stream

FROM ${JARS} AS jars

# bash and openssl are for the health check; both are in every Debian and Ubuntu with certificates.
FROM ${BASE_IMAGE} AS base
ARG UID=10001
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
RUN command -v bash openssl timeout >/dev/null \
    && useradd --no-log-init --non-unique --uid "$UID" --user-group --no-create-home --home-dir /tmp tributary \
    && install -d -o tributary -g tributary /var/lib/tributary
COPY --chmod=755 deploy/images/healthy /usr/local/bin/healthy
USER ${UID}
WORKDIR /tmp
LABEL org.opencontainers.image.vendor="Tributary" \
      org.opencontainers.image.licenses="Apache-2.0"

FROM base AS ingest
LABEL org.opencontainers.image.title="tributary/ingest" \
      org.opencontainers.image.description="Lands a paged HTTP source in PostgreSQL and Kafka; also prepares topics, schemas and tables."
COPY --chmod=644 deploy/images/ingest.options /opt/tributary/java.options
COPY --from=jars /jars/ingest /opt/tributary/lib
EXPOSE 8443
HEALTHCHECK --interval=10s --timeout=8s --start-period=60s --retries=6 CMD ["healthy", "https://localhost:8443/health/ready"]
ENTRYPOINT ["java", "@/opt/tributary/java.options"]
CMD ["io.tributary.ingest.IngestMain"]

FROM base AS spark-stream
LABEL org.opencontainers.image.title="tributary/spark-stream" \
      org.opencontainers.image.description="Spark with the stream job: master, worker and driver, on the jars that the tests run on."
ENV SPARK_HOME=/opt/spark \
    SPARK_SCALA_VERSION=2.13
COPY --chmod=644 deploy/images/spark.options /opt/tributary/java.options
COPY --from=jars /jars/spark-stream /opt/spark/jars
EXPOSE 7077 8080 8081 8082
HEALTHCHECK --interval=10s --timeout=8s --start-period=60s --retries=6 CMD ["healthy", "http://localhost:8082/health/ready"]
ENTRYPOINT ["java", "@/opt/tributary/java.options"]
CMD ["io.tributary.stream.StreamMain"]
