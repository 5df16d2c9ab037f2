package io.tributary.ingest.prepare;

import io.tributary.schemas.BadConfig;
import io.tributary.schemas.Brokers;
import io.tributary.schemas.Login;
import io.tributary.schemas.RegistryAddress;
import io.tributary.schemas.Security;
import io.tributary.schemas.Settings;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What can be set, all by {@code PREPARE_*}, read once.
 *
 * @param topics ours, as they are to be
 * @param cassandra {@code host:port}
 * @param cassandraAdmin authorities of the node's certificate, and the superuser that is to be there; without a login nobody is
 *     asked who he is, and no role is made
 * @param ingest who reads the keyspace
 * @param stream who reads and writes it
 * @param within how long all of it may take, the start of the servers included
 */
record PrepareConfig(
        Brokers kafka,
        Topics topics,
        RegistryAddress registry,
        String cassandra,
        String datacenter,
        Security cassandraAdmin,
        Optional<Login> ingest,
        Optional<Login> stream,
        Duration within) {

    /** Throws {@link BadConfig} naming the key. */
    static PrepareConfig read(Map<String, String> environment) {
        Settings given = Settings.read("PREPARE_", environment);
        PrepareConfig config = new PrepareConfig(
                Brokers.read(given, "PREPARE_KAFKA"),
                topics(given),
                RegistryAddress.read(given, "PREPARE_REGISTRY", "http://127.0.0.1:8081"),
                given.hostPorts("PREPARE_CASSANDRA_CONTACT", "127.0.0.1:9042"),
                given.text("PREPARE_CASSANDRA_DATACENTER", "datacenter1"),
                Security.read(given, "PREPARE_CASSANDRA"),
                role(given, "ingest", "PREPARE_CASSANDRA_INGEST_PASSWORD_FILE"),
                role(given, "stream", "PREPARE_CASSANDRA_STREAM_PASSWORD_FILE"),
                given.duration("PREPARE_WITHIN", Duration.ofMinutes(5), Duration.ofSeconds(1), Duration.ofHours(1)));
        given.refuseUnknown();
        if (config.cassandraAdmin.login().isEmpty() && (config.ingest.isPresent() || config.stream.isPresent())) {
            throw BadConfig.of("PREPARE_CASSANDRA_USER", "a superuser, who makes the roles that have a password");
        }
        return config;
    }

    private static Topics topics(Settings given) {
        return new Topics(
                given.text("PREPARE_TOPIC", "randomuser.users"),
                given.text("PREPARE_DLQ_TOPIC", "randomuser.users.dlq"),
                given.whole("PREPARE_TOPIC_PARTITIONS", 4, 1, 10_000, "partitions"),
                (short) given.whole("PREPARE_TOPIC_REPLICAS", 1, 1, 15, "replicas"),
                given.whole("PREPARE_TOPIC_MIN_INSYNC", 1, 1, 15, "replicas"),
                given.duration(
                        "PREPARE_TOPIC_RETENTION", Duration.ofDays(7), Duration.ofHours(1), Duration.ofDays(3650)),
                given.duration(
                        "PREPARE_DLQ_RETENTION", Duration.ofDays(30), Duration.ofHours(1), Duration.ofDays(3650)));
    }

    private static Optional<Login> role(Settings given, String name, String passwordKey) {
        return given.secret(passwordKey).map(password -> new Login(name, password));
    }
}
