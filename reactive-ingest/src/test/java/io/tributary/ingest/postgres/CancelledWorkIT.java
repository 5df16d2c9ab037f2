package io.tributary.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.tributary.embedded.EmbeddedStack;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackListener;
import io.tributary.embedded.StackOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** Whoever gets the connection of somebody who was cancelled finds it as if it were new. */
class CancelledWorkIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration LEARNED = Duration.ofSeconds(5);
    private static final String WAITING =
            "select count(*)::int from pg_stat_activity where wait_event_type = 'Lock' and query like '%planted%'";
    private static final String IDLE_IN_TRANSACTION =
            "select count(*)::int from pg_stat_activity where state like 'idle in transaction%'";

    @TempDir
    static Path dir;

    private static EmbeddedStack stack;
    private static PostgresAddress address;

    /** With one connection: the next gets that of the one before. */
    private Postgres postgres;

    private Postgres others;

    @BeforeAll
    static void startPostgres() throws IOException {
        stack = EmbeddedStack.start(
                StackOptions.of(Path.of("..")).withDataDir(dir).withParts(Set.of(Part.POSTGRES)), StackListener.SILENT);
        address = EmbeddedPostgres.addressOf(stack);
    }

    @AfterAll
    static void stopPostgres() {
        stack.close();
    }

    @BeforeEach
    void connect() {
        postgres = new Postgres(address, 1);
        others = new Postgres(address, 2);
        others.withConnection(connection -> run(connection, "create table if not exists planted (id int)")
                        .then(run(connection, "truncate planted")))
                .block(PATIENCE);
    }

    @AfterEach
    void disconnect() {
        postgres.close();
        others.close();
    }

    @Test
    void theNextTransactionIsOneAlsoWhenTheOneBeforeWasCancelledWhileItWaitedForALock() {
        // Given
        CompletableFuture<Void> unlock = new CompletableFuture<>();
        CompletableFuture<Void> unlocked = others.inTransaction(connection -> run(connection, "lock table planted")
                        .then(Mono.fromFuture(unlock))
                        .thenReturn(1))
                .then()
                .toFuture();
        await().atMost(PATIENCE).until(this::isLocked);
        Disposable waiting = postgres.inTransaction(connection -> run(connection, "insert into planted values (1)"))
                .subscribe();
        await().atMost(PATIENCE).until(() -> number(WAITING) == 1);
        // When
        waiting.dispose();
        CompletableFuture<Long> failing = postgres.inTransaction(
                        connection -> run(connection, "insert into planted values (2)")
                                .then(Mono.<Long>error(new IllegalStateException("planted"))))
                .toFuture();
        unlock.complete(null);
        // Then
        unlocked.join();
        await().atMost(PATIENCE).until(failing::isCompletedExceptionally);
        assertThat(number("select count(*)::int from planted"))
                .as("rows of a transaction that was rolled back")
                .isZero();
    }

    @Test
    void aCancelAtAnyMomentLeavesNoTransactionOpen() {
        for (int time = 0; time < 50; time++) {
            Disposable working = postgres.inTransaction(connection -> run(connection, "insert into planted values (3)"))
                    .subscribe();
            long end = System.nanoTime() + time * 50_000;
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            working.dispose();
            // behind it, on its connection; one that was cancelled while the pool handed it out is given back and
            // closed, and the next who has it meets a failure that may pass
            postgres.ping().retry(2).block(PATIENCE);
            // the server learns a moment later that the discarded connection is gone; one that is left open is so for
            // 10 s
            await("after " + time * 50 + " microseconds").atMost(LEARNED).until(() -> number(IDLE_IN_TRANSACTION) == 0);
        }
    }

    private boolean isLocked() {
        return number("select count(*)::int from pg_locks where mode = 'AccessExclusiveLock' and granted"
                        + " and relation = 'planted'::regclass")
                == 1;
    }

    private int number(String query) {
        return others.withConnection(connection ->
                        Statements.one(connection.createStatement(query), row -> row.get(0, Integer.class)))
                .block(PATIENCE);
    }

    private static Mono<Long> run(PostgresqlConnection connection, String statement) {
        return Statements.changed(connection.createStatement(statement));
    }
}
