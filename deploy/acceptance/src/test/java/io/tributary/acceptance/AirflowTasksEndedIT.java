package io.tributary.acceptance;

import static io.tributary.acceptance.AirflowStack.INGEST;
import static io.tributary.acceptance.AirflowStack.patiently;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.acceptance.AirflowStack.Run;
import io.tributary.embedded.EmbeddedStack.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Whatever ends a task or who works for it: its window is one run that reconciles or one that is cancelled, and nothing is left going. */
@EnabledIfSystemProperty(named = "chaos.long", matches = "true")
class AirflowTasksEndedIT {
    /** A triggerer looks at its triggers every second or two. */
    private static final Duration LOOKED_AT_BY_NOW = Duration.ofSeconds(10);

    @TempDir
    static Path dir;

    private static AirflowStack stack;
    private static AirflowApi airflow;

    @BeforeAll
    static void start() throws Exception {
        stack = new AirflowStack(dir);
        airflow = stack.airflow();
    }

    @AfterAll
    static void end() {
        if (stack != null) {
            stack.close();
        }
    }

    @AfterEach
    void nothingIsLeftGoing() throws Exception {
        stack.fastSource();
        stack.awaitNothingGoing();
    }

    @Test
    void clearedWhileItsRunIsGoingItLeavesOneRunThatReconciles() throws Exception {
        // Given
        Instant window = stack.windows(1);
        stack.slowSource();
        String dagRun = stack.startIngest(window);
        stack.awaitBegun(window);
        // When
        airflow.clear(INGEST, dagRun, "run");
        stack.awaitTask(INGEST, dagRun, "run", "deferred");
        stack.fastSource();
        stack.awaitDagRun(INGEST, dagRun, "success");
        // Then
        stack.assertOneRunOf(window);
    }

    @Test
    void markedFailedWhileItsRunIsGoingItCancelsItAndClearedThenBeginsTheWindowAgain() throws Exception {
        // Given
        Instant window = stack.windows(1);
        stack.slowSource();
        String dagRun = stack.startIngest(window);
        Run run = stack.awaitBegun(window);
        // When
        airflow.mark(INGEST, dagRun, "run", "failed");
        // Then
        stack.awaitState(run, "CANCELLED");
        stack.awaitDagRun(INGEST, dagRun, "failed");
        // When
        stack.fastSource();
        airflow.clear(INGEST, dagRun, "run");
        stack.awaitDagRun(INGEST, dagRun, "success");
        // Then
        assertThat(stack.assertOneRunOf(window).id()).isNotEqualTo(run.id());
    }

    @Test
    void markedFailedBeforeATriggererHasSeenItItHasBegunNothing() throws Exception {
        // Given
        Instant window = stack.windows(1);
        stack.slowSource();
        stack.whole().signal("STOP", Part.TRIGGERER);
        String dagRun;
        try {
            dagRun = stack.startIngest(window);
            stack.awaitTask(INGEST, dagRun, "run", "deferred");
            // When
            airflow.mark(INGEST, dagRun, "run", "failed");
        } finally {
            stack.whole().signal("CONT", Part.TRIGGERER);
        }
        // Then
        stack.awaitDagRun(INGEST, dagRun, "failed");
        await().during(LOOKED_AT_BY_NOW)
                .atMost(LOOKED_AT_BY_NOW.multipliedBy(6))
                .until(() -> stack.runsOf(window, 1).stream()
                        .noneMatch(run -> run.state().equals("RUNNING")));
    }

    @Test
    void aWorkerKilledInTheMiddleOfItsTaskCostsATryAndNothingElse() throws Exception {
        // Given
        Instant window = stack.windows(1);
        String dagRun = stack.startIngest(window);
        stack.awaitTask(INGEST, dagRun, "counted", "success");
        stack.whole().signal("STOP", Part.INGEST); // keeps the next task in its worker
        try {
            stack.awaitTask(INGEST, dagRun, "reconcile", "running");
            ProcessHandle task = patiently()
                    .until(() -> ProcessHandle.of(pidOf(dagRun, "reconcile")), Optional::isPresent)
                    .orElseThrow();
            // When
            Signals.send("KILL", List.of(task.parent().orElseThrow(), task));
        } finally {
            stack.whole().signal("CONT", Part.INGEST);
        }
        stack.awaitDagRun(INGEST, dagRun, "success");
        // Then
        assertThat(airflow.task(INGEST, dagRun, "reconcile").get("try_number").asInt())
                .isGreaterThan(1);
        stack.assertOneRunOf(window);
    }

    private static long pidOf(String dagRun, String task) throws IOException, InterruptedException {
        return airflow.task(INGEST, dagRun, task).get("pid").asLong();
    }

    @Test
    void aSchedulerKilledWithItsWorkersCostsNothing() throws Exception {
        // Given
        Instant window = stack.windows(1);
        stack.slowSource();
        String dagRun = stack.startIngest(window);
        patiently()
                .until(() -> airflow.stateOf(INGEST, dagRun, "run"), Set.of("queued", "running", "deferred")::contains);
        // When
        stack.whole().servers().kill(Part.SCHEDULER);
        stack.whole().servers().awaitReady(Part.SCHEDULER);
        stack.fastSource();
        stack.awaitDagRun(INGEST, dagRun, "success");
        // Then
        stack.assertOneRunOf(window);
    }

    @Test
    void aTriggererKilledWhileATaskWaitsAndStartedAgainLeavesItsRunAlone() throws Exception {
        // Given
        Instant window = stack.windows(1);
        stack.slowSource();
        String dagRun = stack.startIngest(window);
        Run run = stack.awaitBegun(window);
        // When
        stack.whole().servers().kill(Part.TRIGGERER);
        stack.whole().servers().awaitReady(Part.TRIGGERER);
        stack.whole().servers().stop(Part.TRIGGERER);
        stack.whole().servers().start(Part.TRIGGERER);
        stack.whole().servers().awaitReady(Part.TRIGGERER);
        // Then
        assertThat(stack.stateOf(run)).isNotEqualTo("CANCELLED");
        stack.fastSource();
        stack.awaitDagRun(INGEST, dagRun, "success");
        assertThat(stack.assertOneRunOf(window).id()).isEqualTo(run.id());
    }

    @Test
    void aServiceThatIsAwayForAMinuteIsWaitedFor() throws Exception {
        // Given
        Instant window = stack.windows(1);
        stack.slowSource();
        String dagRun = stack.startIngest(window);
        Run run = stack.awaitBegun(window);
        // When
        stack.whole().servers().stop(Part.INGEST);
        stack.fastSource();
        await().during(Duration.ofMinutes(1)) // the minute is what is tested
                .atMost(Duration.ofMinutes(2))
                .until(() -> airflow.stateOf(INGEST, dagRun).equals("running"));
        stack.whole().servers().start(Part.INGEST);
        stack.awaitDagRun(INGEST, dagRun, "success");
        // Then
        assertThat(stack.assertOneRunOf(window).id()).isEqualTo(run.id());
    }
}
