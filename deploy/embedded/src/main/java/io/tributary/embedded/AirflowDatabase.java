package io.tributary.embedded;

import io.tributary.embedded.EmbeddedStack.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Airflow's metadata, in a database of its own in the stack's PostgreSQL: migrated once a start, before any process needs it. */
final class AirflowDatabase {
    private static final Duration POSTGRES_WITHIN = Duration.ofMinutes(2);
    private static final Duration MIGRATED_WITHIN = Duration.ofMinutes(3);
    private static final long LOOK_MS = 200;

    private final DataDir dataDir;
    private final int postgresPort;
    private final List<String> command;
    private final Map<String, String> environment;
    private final CompletableFuture<Void> made = new CompletableFuture<>();

    /** @param command migrates, and makes the connection; may be repeated */
    AirflowDatabase(DataDir dataDir, int postgresPort, List<String> command, Map<String, String> environment) {
        this.dataDir = dataDir;
        this.postgresPort = postgresPort;
        this.command = List.copyOf(command);
        this.environment = Map.copyOf(environment);
    }

    /**
     * Waits for PostgreSQL, then migrates; nothing the second time.
     *
     * @param configure writes what the command reads, once the database is there
     */
    void make(AirflowServer.Step configure) throws Exception {
        if (made.isDone()) {
            return;
        }
        try {
            if (!Files.isExecutable(Path.of(command.get(0)))) {
                throw new IOException(command.get(0) + " is not there; airflow/venv.sh makes it");
            }
            awaitPostgres();
            configure.take();
            dataDir.runToEnd(Part.AIRFLOW, environment, command, MIGRATED_WITHIN);
            made.complete(null);
        } catch (Exception e) {
            made.completeExceptionally(e);
            throw e;
        }
    }

    /** Waits until somebody else has {@link #make made} it. */
    void awaitMade() throws IOException, InterruptedException {
        Duration bound = POSTGRES_WITHIN.plus(MIGRATED_WITHIN);
        try {
            made.get(bound.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException("Airflow's database could not be made: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new IOException("Airflow's database was not made within " + bound.toSeconds() + " s", e);
        }
    }

    private void awaitPostgres() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + POSTGRES_WITHIN.toNanos();
        while (true) {
            try {
                DriverManager.getConnection(
                                "jdbc:postgresql://127.0.0.1:" + postgresPort + "/" + AirflowConfig.DATABASE, login())
                        .close();
                return;
            } catch (SQLException | NoSuchFileException e) {
                if (System.nanoTime() > deadline) {
                    throw new IOException(
                            "PostgreSQL has no database " + AirflowConfig.DATABASE + " after "
                                    + POSTGRES_WITHIN.toSeconds() + " s: " + e.getMessage(),
                            e);
                }
                Thread.sleep(LOOK_MS);
            }
        }
    }

    private Properties login() throws IOException {
        Properties login = new Properties();
        login.setProperty("user", AirflowConfig.DATABASE);
        Path password = PostgresServer.passwordFile(dataDir, AirflowConfig.DATABASE); // PostgreSQL's part makes it
        login.setProperty("password", Files.readString(password).strip());
        login.setProperty("connectTimeout", "2");
        login.setProperty("loginTimeout", "5");
        login.setProperty("socketTimeout", "30");
        return login;
    }
}
