package io.tributary.ingest;

import io.tributary.ingest.api.Access;
import io.tributary.ingest.api.AccessTokens;
import io.tributary.ingest.model.Limits;
import io.tributary.ingest.postgres.PostgresAddress;
import io.tributary.schemas.BadConfig;
import io.tributary.schemas.Security;
import io.tributary.schemas.Settings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that can be set, read once, valid by construction. Keys are environment variables or lines of the file that
 * {@code INGEST_CONFIG_FILE} names; an unknown key is refused.
 *
 * @param registry base of Confluent's registry API
 * @param shown settings in force by key, secrets hidden
 * @param cassandra contact point, host and port; only reconciliation and windows read from it
 */
record IngestConfig(
        String httpHost,
        int httpPort,
        String instance,
        URI source,
        PostgresAddress postgres,
        String kafka,
        String topic,
        URI registry,
        Security registrySecurity,
        String cassandra,
        String cassandraDatacenter,
        Limits limits,
        Access access,
        Map<String, String> shown) {

    private static final int MEBIBYTE = 1024 * 1024;
    private static final String REGISTRY = "http://127.0.0.1:8081";
    private static final Set<String> LOCAL = Set.of("127.0.0.1", "localhost", "::1", "[::1]"); // [ ] in a URL

    static IngestConfig read(Map<String, String> environment, long heapBytes) {
        Settings settings = Settings.read("INGEST_", environment);
        IngestConfig config = new IngestConfig(
                settings.text("INGEST_HTTP_HOST", "127.0.0.1"),
                settings.port("INGEST_HTTP_PORT", 8080),
                settings.text("INGEST_INSTANCE", "ingest-1"),
                settings.httpAddress("INGEST_SOURCE_URL", "https://randomuser.me/api/"),
                postgres(settings),
                settings.hostPorts("INGEST_KAFKA_BOOTSTRAP", "127.0.0.1:9092"),
                settings.text("INGEST_TOPIC", "randomuser.users"),
                settings.httpAddress("INGEST_REGISTRY_URL", REGISTRY),
                registrySecurity(settings),
                settings.hostPorts("INGEST_CASSANDRA_CONTACT", "127.0.0.1:9042"),
                settings.text("INGEST_CASSANDRA_DATACENTER", "datacenter1"),
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

    /** Basic logins are readable without TLS, so they stay on this machine then. */
    private static Security registrySecurity(Settings settings) {
        URI registry = settings.httpAddress("INGEST_REGISTRY_URL", REGISTRY);
        boolean tls = "https".equalsIgnoreCase(registry.getScheme());
        Security security = Security.read(settings, "INGEST_REGISTRY");
        if (security.authorities().isPresent() && !tls) {
            throw BadConfig.of("INGEST_REGISTRY_URL", "https:// with INGEST_REGISTRY_CA_FILE");
        }
        if (security.login().isPresent() && !tls && !LOCAL.contains(registry.getHost())) {
            throw BadConfig.of(
                    "INGEST_REGISTRY_URL", "https:// with INGEST_REGISTRY_USER: the password would be readable");
        }
        if (security.login().filter(login -> login.user().contains(":")).isPresent()) {
            throw new BadConfig("INGEST_REGISTRY_USER holds a colon, expected a name for basic authentication");
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
                // a page holds one connection at a time, and renews on another; the API and the reconciliation share
                // the rest
                2 * pagesInFlight + 4);
    }

    /** Without tokens nobody but this machine may ask; from elsewhere only through TLS, unless told otherwise. */
    private static Access access(Settings settings) {
        String host = settings.text("INGEST_HTTP_HOST", "127.0.0.1");
        boolean local = LOCAL.contains(host);
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
