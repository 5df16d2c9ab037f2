package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.embedded.EmbeddedStack.Part;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A process of the service is halted, stopped for longer than its lease, or hit by an error at every step of a page, before
 * and after it, with the real PostgreSQL, Kafka and registry. Another one ends the run, and all users are there as the source
 * answered them.
 */
@SharedStack.OfIngest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FailpointsOnProcessIT {
    private static final Duration LEASE = Duration.ofSeconds(3);
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int USERS = 1_600;
    private static final int PAGE_SIZE = 100;
    /** Half a second a page and two for all, so that the run is under way when the failpoint is armed. */
    private static final int SOURCE_BYTES_PER_SECOND = 200_000;

    private static final int CONNECTIONS_OF_WORKERS = 2 * 4 + 4;
    private static final String WAITING =
            "select count(*) from pg_stat_activity where application_name = 'tributary-ingest' and wait_event_type = 'Lock'";

    @TempDir
    static Path dir;

    private final WholeStack stack;
    private final Map<TopicPartition, Long> topicBefore;
    /** Of this class, with their users. */
    private final Map<UUID, Integer> runs = new LinkedHashMap<>();

    private FailingIngest failing;

    FailpointsOnProcessIT(WholeStack shared) {
        stack = shared;
        topicBefore = shared.stores().endOfTopic();
    }

    @BeforeEach
    void theOtherOneStandsStill() throws Exception {
        stack.signal("STOP", Part.INGEST); // with nothing in hand
        new StandIn(stack.addresses().sourceUrl().orElseThrow()).slow(SOURCE_BYTES_PER_SECOND);
    }

    @AfterEach
    void allGoesOn() throws Exception {
        stack.signal("CONT", Part.INGEST);
        stack.sourceFaults("[]");
        for (UUID run : runs.keySet()) {
            awaitComplete(run);
        }
    }

    @AfterAll
    void down() {
        if (failing != null) {
            failing.close();
        }
    }

    /** One run, and four lives that each end one step further. */
    @Test
    void haltedAtOneStepAfterTheOther() throws Exception {
        live();
        UUID run = newRun();
        failing.arm("HALT after LEASE");
        failing.awaitStruck("HALT after LEASE");
        for (String halt : List.of("HALT after CAPTURE", "HALT after STORE", "HALT after PUBLISH")) {
            live(halt);
            failing.awaitStruck(halt);
        }
        stack.signal("CONT", Part.INGEST);
        assertReconciled(run);
    }

    /** Workers without a page ask for one on one connection after the other then. */
    @Test
    void theApiAnswersWhileAllThatWriteToTheLedgerWait() throws Exception {
        live();
        UUID run = newRun();
        await("run " + run + " is complete")
                .atMost(PATIENCE)
                .until(() -> failing.api().run(run).get("state").asText().equals("COMPLETE"));
        try (Connection sql = stack.stores().sql();
                Statement statement = sql.createStatement()) {
            sql.setAutoCommit(false);
            statement.execute("lock table page in exclusive mode");
            await("all of the workers' connections wait")
                    .atMost(PATIENCE)
                    .until(() -> stack.stores().number(WAITING) >= CONNECTIONS_OF_WORKERS);
            long asked = System.nanoTime();
            assertThat(failing.api().run(run).get("state").asText()).isEqualTo("COMPLETE");
            System.out.printf("api beside stalled writers: %d ms%n", (System.nanoTime() - asked) / 1_000_000);
        }
    }

    static Stream<String> failpoints() {
        return Stream.of("LEASE", "FETCH", "CAPTURE", "READ_BACK", "STORE", "PUBLISH", "COMPLETE", "RENEW", "GIVE_BACK")
                .flatMap(call -> Stream.of("HALT", "PAUSE", "THROW")
                        .flatMap(action -> Stream.of(action + " before " + call, action + " after " + call)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failpoints")
    @EnabledIfSystemProperty(named = "chaos.long", matches = "true")
    void everyRunEndsReconciled(String failpoint) throws Exception {
        // Given
        live();
        UUID run = newRun();
        boolean passed = false;
        try {
            // When
            failing.arm(failpoint);
            failing.awaitStruck(failpoint);
            // Then
            stack.signal("CONT", Part.INGEST);
            awaitComplete(run); // also while the other one is stopped
            if (failpoint.startsWith("PAUSE")) {
                failing.resume();
            }
            if (failing.isAlive()) {
                failing.awaitIdle();
            }
            assertReconciled(run);
            passed = true;
        } finally {
            if (!passed) {
                failing.close(); // it may be armed or stopped still: not for the next case
            }
        }
    }

    /** One that is alive goes on, unless this one is to fail from its first step on. */
    private void live(String... failpoint) throws Exception {
        if (failing != null && failing.isAlive() && failpoint.length == 0) {
            return;
        }
        if (failing != null) {
            failing.close();
        }
        Path log = Files.createTempFile(dir, "failing", ".log");
        failing = FailingIngest.start(log, stack.addresses(), LEASE, failpoint);
    }

    private UUID newRun() throws Exception {
        UUID run = failing.api().create(UUID.randomUUID().toString(), USERS, PAGE_SIZE);
        runs.put(run, USERS);
        return run;
    }

    private void awaitComplete(UUID run) {
        await("run " + run + " is complete")
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> stack.run(run).get("state").asText().equals("COMPLETE"));
    }

    private void assertReconciled(UUID run) throws Exception {
        awaitComplete(run);
        Verdict verdict = Verdict.overRuns(stack.stores(), Map.of(run, USERS), PAGE_SIZE, topicBefore);
        assertThat(verdict.isClean()).as(verdict.toString()).isTrue();
    }
}
