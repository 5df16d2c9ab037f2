package io.tributary.ingest.postgres;

/** Where the database is and who asks. The password never shows in {@link #toString}. */
public record PostgresAddress(String host, int port, String database, String user, String password) {
    /** For Flyway, which speaks JDBC. */
    public String jdbcUrl() {
        return "jdbc:postgresql://" + host + ":" + port + "/" + database;
    }

    @Override
    public String toString() {
        return user + "@" + host + ":" + port + "/" + database;
    }
}
