package io.tributary.perf;

import io.tributary.embedded.Addresses.Postgres;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;

/** The stack's PostgreSQL, by PostgreSQL's own driver. */
record Database(Postgres address) {
    private static final int CHUNK_BYTES = 64 * 1024;

    void execute(String statement) throws IOException, SQLException {
        try (Connection connection = connected();
                Statement one = connection.createStatement()) {
            one.execute(statement);
        }
    }

    long number(String query) throws IOException, SQLException {
        try (Connection connection = connected();
                Statement one = connection.createStatement();
                ResultSet rows = one.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** Runs a {@code COPY .. TO STDOUT} into a file. */
    void copyOut(String statement, Path file) throws IOException, SQLException {
        try (Connection connection = connected();
                OutputStream out = Files.newOutputStream(file)) {
            connection.unwrap(PGConnection.class).getCopyAPI().copyOut(statement, out);
        }
    }

    /** Runs a {@code COPY .. FROM STDIN} from a file. */
    void copyIn(String statement, Path file) throws IOException, SQLException {
        try (Connection connection = connected();
                InputStream in = Files.newInputStream(file)) {
            connection.unwrap(PGConnection.class).getCopyAPI().copyIn(statement, in, CHUNK_BYTES);
        }
    }

    /** Vacuums and writes to disk what was changed so far, so that what comes next does not pay for it. */
    void settle() throws IOException, SQLException {
        String password = Files.readString(address.passwordFile().resolveSibling("superuser-password"))
                .strip();
        try (Connection connection = DriverManager.getConnection(address.jdbcUrl(), "postgres", password);
                Statement statement = connection.createStatement()) {
            statement.execute("VACUUM (ANALYZE)");
            statement.execute("CHECKPOINT");
        }
    }

    /** For a program of any language. */
    String uri() throws IOException {
        return "postgres://" + address.user() + ":" + password() + "@" + address.host() + ":" + address.port() + "/"
                + address.database() + "?sslmode=disable";
    }

    private Connection connected() throws IOException, SQLException {
        return DriverManager.getConnection(address.jdbcUrl(), address.user(), password());
    }

    private String password() throws IOException {
        return Files.readString(address.passwordFile()).strip();
    }
}
