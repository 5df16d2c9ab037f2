package io.tributary.ingest.postgres;

import io.tributary.schemas.Authorities;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Where the database is and who asks. The password never shows in {@link #toString}.
 *
 * @param authorities given: TLS, and the server's certificate leads to one of them and names the host; else plain
 */
public record PostgresAddress(
        String host, int port, String database, String user, String password, Optional<Authorities> authorities) {
    /** Without TLS, as on one machine. */
    public PostgresAddress(String host, int port, String database, String user, String password) {
        this(host, port, database, user, password, Optional.empty());
    }

    /** For Flyway, which speaks JDBC; says what {@link Postgres} does: left to itself, JDBC takes any certificate. */
    public String jdbcUrl() {
        String tls = authorities
                .map(given -> "verify-full&sslrootcert="
                        + URLEncoder.encode(given.file().toString(), StandardCharsets.UTF_8))
                .orElse("disable");
        return "jdbc:postgresql://" + host + ":" + port + "/" + database + "?sslmode=" + tls;
    }

    @Override
    public String toString() {
        return user + "@" + host + ":" + port + "/" + database;
    }
}
