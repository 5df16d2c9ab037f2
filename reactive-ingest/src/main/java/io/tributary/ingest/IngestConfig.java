package io.tributary.ingest;

import io.tributary.ingest.api.Access;
import io.tributary.ingest.api.AccessTokens;
import io.tributary.ingest.model.Limits;
import io.tributary.ingest.postgres.PostgresAddress;
import io.tributary.schemas.BadConfig;
import io.tributary.schemas.Brokers;
import io.tributary.schemas.RegistryAddress;
import io.tributary.schemas.Security;
import io.tributary.schemas.Settings;
import io.tributary.schemas.ThisMachine;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that can be set, read once, valid by construction. Keys are environment variables or lines of the file that
 * {@code INGEST_CONFIG_FILE} names; an unknown key is refused.
 *
 * @param shown settings in force by key, secrets hidden
 * @param streamGroup consumer group of the stream, whose offsets say how far it is
 * @param cassandra contact points, host and port; only reconciliation and windows read from it
 */
record IngestConfig(
        String httpHost,
        int httpPort,
        String instance,
        URI source,
        PostgresAddress postgres,
        Brokers kafka,
        String topic,
        String streamGroup,
        RegistryAddress registry,
        String cassandra,
        String cassandraDatacenter,
        Security cassandraSecurity,
        Limits limits,
        Access access,
        Map<String, String> shown) {

    private static final int MEBIBYTE = 1024 * 1024;
    private static final String CASSANDRA = "127.0.0.1:9042";

    static IngestConfig read(Map<String, String> environment, long heapBytes) {
        Settings settings = Settings.read("INGEST_", environment);
        IngestConfig config = new IngestConfig(
                settings.text("INGEST_HTTP_HOST", "127.0.0.1"),
                settings.port("INGEST_HTTP_PORT", 8080),
                settings.text("INGEST_INSTANCE", "ingest-1"),
                settings.httpAddress("INGEST_SOURCE_URL", "https://randomuser.me/api/"),
                postgres(settings),
                Brokers.read(settings, "INGEST_KAFKA"),
                settings.text("INGEST_TOPIC", "randomuser.users"),
                settings.text("INGEST_STREAM_GROUP", "tributary-stream"),
                RegistryAddress.read(settings, "INGEST_REGISTRY", "http://127.0.0.1:8081"),
                settings.hostPorts("INGEST_CASSANDRA_CONTACT", CASSANDRA),
                settings.text("INGEST_CASSANDRA_DATACENTER", "datacenter1"),
                cassandraSecurity(settings),
                limits(settings).fitting(heapBytes),
                access(settings),
                settings.effective());
        settings.refuseUnknown();
        return config;
    }

    private static PostgresAddress postgres(Settings settings) {
        return new PostgresAddress(
                settings.text("INGEST_POSTGRES_HOST", "127.0.0.1"),
                settings.port("INGEST_POSTGRES_PORT", 5432),
                settings.text("INGEST_POSTGRES_DATABASE", "tributary"),
                settings.text("INGEST_POSTGRES_USER", "tributary"),
                settings.secret("INGEST_POSTGRES_PASSWORD_FILE")
                        .orElseThrow(() -> new BadConfig(
                                "INGEST_POSTGRES_PASSWORD_FILE is not set, expected the path of a file with"
                                        + " the password")),
                Security.authorities(settings, "INGEST_POSTGRES_CA_FILE"));
    }

    /** Its driver says the password as it is. */
    private static Security cassandraSecurity(Settings settings) {
        Security security = Security.read(settings, "INGEST_CASSANDRA");
        String contact = settings.hostPorts("INGEST_CASSANDRA_CONTACT", CASSANDRA);
        String host = contact.substring(0, contact.lastIndexOf(':'));
        if (security.login().isPresent() && security.authorities().isEmpty() && !ThisMachine.is(host)) {
            throw BadConfig.of(
                    "INGEST_CASSANDRA_CA_FILE", "a file with INGEST_CASSANDRA_USER: the password would be readable");
        }
        return security;
    }

    private static Limits limits(Settings settings) {
        int pagesInFlight = settings.whole("INGEST_PAGES_IN_FLIGHT", 4, 1, 64, "pages");
        return new Limits(
                pagesInFlight,
                settings.whole("INGEST_MAX_BODY_BYTES", 8 * MEBIBYTE, 64 * 1024, 64 * MEBIBYTE, "bytes"),
                settings.whole("INGEST_PRODUCER_BYTES", 16 * MEBIBYTE, MEBIBYTE, 256 * MEBIBYTE, "bytes"),
                settings.duration(
                        "INGEST_LEASE", Duration.ofSeconds(30), Duration.ofSeconds(1), Duration.ofMinutes(10)),
                settings.duration(
                        "INGEST_SOURCE_TIMEOUT", Duration.ofSeconds(30), Duration.ofMillis(100), Duration.ofMinutes(5)),
                // a page holds one connection at a time, and renews on another; pace and ends of runs share the rest
                2 * pagesInFlight + 4);
    }

    /** Without tokens nobody but this machine may ask; from elsewhere only through TLS, unless told otherwise. */
    private static Access access(Settings settings) {
        String host = settings.text("INGEST_HTTP_HOST", "127.0.0.1");
        boolean local = ThisMachine.is(host);
        Optional<Path> tokens = settings.file("INGEST_TOKENS_FILE");
        Optional<Path> certificate = settings.file("INGEST_TLS_CERT_FILE");
        Optional<Path> key = settings.file("INGEST_TLS_KEY_FILE");
        boolean insecure = settings.flag("INGEST_HTTP_INSECURE", false);
        if (certificate.isPresent() != key.isPresent()) {
            throw new BadConfig("INGEST_TLS_CERT_FILE and INGEST_TLS_KEY_FILE are set together or not at all");
        }
        if (!local && tokens.isEmpty()) {
            throw BadConfig.of("INGEST_HTTP_HOST", "127.0.0.1, or INGEST_TOKENS_FILE: nobody else is asked who he is");
        }
        if (!local && certificate.isEmpty() && !insecure) {
            throw BadConfig.of(
                    "INGEST_HTTP_HOST",
                    "127.0.0.1, or INGEST_TLS_CERT_FILE: tokens would be readable on the way (INGEST_HTTP_INSECURE=true"
                            + " behind a proxy that does TLS)");
        }
        tokens.ifPresent(
                file -> AccessTokens.read("INGEST_TOKENS_FILE", file)); // refused now, not at the first request
        return new Access(
                tokens.map(file -> () -> AccessTokens.read("INGEST_TOKENS_FILE", file)),
                certificate.map(file -> new Access.Tls(file, key.orElseThrow())));
    }
}
