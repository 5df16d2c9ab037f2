package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.embedded.EmbeddedStack.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The service waits for what it needs, says what is missing, goes on by itself, and leaves no page held when it ends. */
@SharedStack.OfIngest
class DependenciesIT {
    private static final int USERS = 40_000;
    private static final int PAGE_SIZE = 1_000;
    /** A file may grow to this, as if the disk were full then: the write-ahead log goes on, a table of more does not. */
    private static final long WAL_SEGMENT_BYTES = 16 * 1024 * 1024;

    private static final long FULL_LOG_BYTES = 64 * 1024;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final WholeStack stack;

    DependenciesIT(WholeStack shared) {
        stack = shared;
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES", "KAFKA"})
    @Tag("bad-input-37")
    @DisplayName(
            "37 · a stopped server is named by /health/ready, nothing is acknowledged meanwhile, and it goes on by itself")
    void aStoppedServerIsNamedAndWaitedFor(Part stopped) throws Exception {
        // Given
        UUID run = stack.startRun(USERS, PAGE_SIZE);
        await().atMost(PATIENCE)
                .until(() -> stack.run(run).at("/pageStates/complete").asInt() >= 2);
        // When
        stack.signal("STOP", stopped);
        try {
            awaitMissing(stopped);
            // Then
            long complete = pagesCalledComplete();
            awaitMissing(stopped);
            assertThat(pagesCalledComplete())
                    .as("pages acknowledged while %s stands still", stopped)
                    .isEqualTo(complete);
        } finally {
            stack.signal("CONT", stopped);
        }
        awaitComplete(run);
        Stores.assertWhole("postgres", stack.stores().inPostgres(run), USERS, PAGE_SIZE);
        Stores.assertWhole("kafka", stack.stores().inKafka(run, Map.of()), USERS, PAGE_SIZE);
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES", "KAFKA"})
    @Tag("bad-input-37")
    @DisplayName(
            "37 · a full disk is seen on /health/ready, nothing is acknowledged meanwhile, and it goes on by itself")
    void aFullDiskIsNamedAndWaitedFor(Part full) throws Exception {
        // Given
        List<ProcessHandle> writers = writersOf(full);
        UUID run = stack.startRun(3 * USERS, PAGE_SIZE);
        // When
        Signals.limitFiles(full == Part.POSTGRES ? WAL_SEGMENT_BYTES : FULL_LOG_BYTES, writers);
        awaitMissing(full);
        // Then
        long complete = pagesCalledComplete();
        awaitMissing(full);
        assertThat(pagesCalledComplete())
                .as("pages acknowledged while the disk is full")
                .isEqualTo(complete);
        Signals.limitFiles(Long.MAX_VALUE, writersOf(full));
        awaitComplete(run);
        Stores.assertWhole("postgres", stack.stores().inPostgres(run), 3 * USERS, PAGE_SIZE);
        Stores.assertWhole("kafka", stack.stores().inKafka(run, Map.of()), 3 * USERS, PAGE_SIZE);
    }

    /** Of PostgreSQL those that extend tables; its checkpointer writes where there is room already. */
    private List<ProcessHandle> writersOf(Part part) {
        long own = stack.servers().pid(part);
        return Signals.family(own).stream()
                .filter(process -> process.pid() == own || isSession(process.pid()))
                .toList();
    }

    /** PostgreSQL writes over its command line, which Java then no longer takes for one. */
    private static boolean isSession(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"))
                    .startsWith("postgres: tributary ");
        } catch (IOException e) {
            return false; // it has ended
        }
    }

    @Test
    void startedBeforeItsServersItSaysWhatIsMissingAndWaits() throws Exception {
        // Given
        stack.servers().stop(Part.INGEST);
        stack.servers().stop(Part.REGISTRY);
        stack.servers().stop(Part.KAFKA);
        stack.servers().stop(Part.POSTGRES);
        // When
        Thread starting = new Thread(() -> {
            try {
                stack.servers().start(Part.INGEST);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        starting.start();
        // Then
        awaitMissing(Part.POSTGRES);
        awaitMissing(Part.KAFKA);
        awaitMissing(Part.REGISTRY);
        await().atMost(PATIENCE)
                .until(() -> Files.readString(log()).lines().anyMatch(DependenciesIT::waitsForPostgres));
        stack.servers().start(Part.POSTGRES);
        stack.servers().start(Part.KAFKA);
        stack.servers().start(Part.REGISTRY);
        starting.join(PATIENCE.toMillis());
        UUID run = stack.startRun(PAGE_SIZE, PAGE_SIZE);
        awaitComplete(run);
    }

    @Test
    void aTermLeavesNoPageLeased() throws Exception {
        // Given
        stack.sourceFaults("[{\"kind\":\"stall\",\"times\":0}]");
        UUID run = stack.startRun(USERS, PAGE_SIZE);
        await().atMost(PATIENCE).until(() -> held(run) > 0);
        long stops = timesStopped();
        // When
        stack.servers().stop(Part.INGEST);
        // Then
        assertThat(timesStopped()).as("ended in good order, not killed").isEqualTo(stops + 1);
        assertThat(held(run)).as("pages still leased").isZero();
        stack.sourceFaults("[]");
        stack.servers().start(Part.INGEST);
        awaitComplete(run);
    }

    private static boolean waitsForPostgres(String line) {
        return line.contains("event=waiting_for") && line.contains("dependency=postgres");
    }

    private void awaitMissing(Part part) {
        await(part + " is named as missing")
                .atMost(PATIENCE)
                .ignoreExceptions() // before it listens
                .until(() -> {
                    JsonNode ready = stack.ready();
                    return !ready.get("status").asText().equals("up")
                            && ready.at("/dependencies/" + part.label())
                                    .asText()
                                    .equals("down");
                });
    }

    private void awaitComplete(UUID run) {
        await("run " + run + " is complete")
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> stack.run(run).get("state").asText().equals("COMPLETE"));
    }

    private long held(UUID run) throws Exception {
        return stack.stores()
                .number("select count(*) from page where lease_holder is not null and run_id = '" + run + "'");
    }

    /** Asked of the log: PostgreSQL may be the one that stands still. */
    private long pagesCalledComplete() throws IOException {
        return linesWith("event=page_complete");
    }

    private long timesStopped() throws IOException {
        return linesWith("event=stopped");
    }

    private long linesWith(String text) throws IOException {
        return Files.readString(log())
                .lines()
                .filter(line -> line.contains(text))
                .count();
    }

    private Path log() {
        return stack.servers().log(Part.INGEST);
    }
}
