package io.tributary.embedded;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the parts of a stack answer; empty for a part that was not asked for.
 *
 * @param kafkaBootstrap {@code host:port}
 * @param registryUrl base of Confluent's API, without a slash at the end
 * @param cassandraContact {@code host:port}
 * @param datacenter the local data center to give to Cassandra's driver
 * @param sourceUrl what ingest asks, the stand-in's or the one given in the options
 * @param ingestUrl base of the control API, without a slash at the end
 * @param streamUrl base of the stream's health endpoints, without a slash at the end
 * @param zookeeper {@code host:port}
 * @param airflowUrl Airflow's pages and API, without a slash at the end
 * @param airflowMetricsUrl Airflow's metrics for Prometheus
 */
public record Addresses(
        Optional<Postgres> postgres,
        Optional<String> kafkaBootstrap,
        Optional<URI> registryUrl,
        Optional<String> cassandraContact,
        String datacenter,
        Optional<URI> sourceUrl,
        Optional<URI> ingestUrl,
        Optional<URI> streamUrl,
        Optional<String> zookeeper,
        Optional<URI> airflowUrl,
        Optional<URI> airflowMetricsUrl) {

    /**
     * A database and the role that owns it.
     *
     * @param passwordFile readable by its owner only; one line
     */
    public record Postgres(String host, int port, String database, String user, Path passwordFile) {
        /** For the JDBC driver; without user and password. */
        public String jdbcUrl() {
            return "jdbc:postgresql://" + host + ":" + port + "/" + database;
        }
    }
}
