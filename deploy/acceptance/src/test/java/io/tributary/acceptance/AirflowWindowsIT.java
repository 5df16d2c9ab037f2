package io.tributary.acceptance;

import static io.tributary.acceptance.AirflowApi.object;
import static io.tributary.acceptance.AirflowStack.BACKFILL;
import static io.tributary.acceptance.AirflowStack.INGEST;
import static io.tributary.acceptance.AirflowStack.QUALITY;
import static io.tributary.acceptance.AirflowStack.REPLAY;
import static io.tributary.acceptance.AirflowStack.USERS;
import static io.tributary.acceptance.AirflowStack.WINDOW;
import static io.tributary.acceptance.AirflowStack.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.acceptance.AirflowStack.Run;
import io.tributary.embedded.AirflowConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Windows by schedule, by hand and by backfill, and what is said where something is wrong with one. */
@EnabledIfSystemProperty(named = "chaos.long", matches = "true")
class AirflowWindowsIT {
    private static final int SCHEDULED_USERS = 10_000;

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
    void aScheduledWindowRunsByItselfAndHoldsNoWorkerWhileItWaits() throws Exception {
        // Given
        stack.slowSource();
        // When
        String dagRun = stack.nextScheduled();
        stack.awaitTask(INGEST, dagRun, "run", "deferred");
        patiently() // what an earlier window still had to do may be in a worker for a moment
                .until(
                        () -> airflow.get("/pools/default_pool"),
                        pool -> slots(pool, "deferred") == 1 && slots(pool, "occupied") == 0);
        assertThat(metrics()).contains("airflow_pool_deferred_slots{pool_name=\"default_pool\"}");
        stack.fastSource();
        stack.awaitDagRun(INGEST, dagRun, "success");
        // Then
        UUID run = UUID.fromString(
                airflow.result(INGEST, dagRun, "reconcile").get("run").asText());
        JsonNode reconciliation = stack.whole().reconciliation(run, true);
        assertThat(reconciliation.get("equal").asBoolean()).isTrue();
        assertThat(windowOf(run)).isEqualTo(intervalOf(dagRun));
        JsonNode event = airflow.assetEvent(dagRun);
        assertThat(event.get("counted").asInt()).isEqualTo(SCHEDULED_USERS);
        assertThat(event.get("digest")).isEqualTo(reconciliation.at("/ledger/digest"));
        stack.awaitDagRun(QUALITY, awaitStartedBy(dagRun), "success");
    }

    /** The DAG run that the asset event of another has started. */
    private static String awaitStartedBy(String dagRun) {
        return patiently()
                .until(
                        () -> {
                            for (JsonNode judged :
                                    airflow.get("/dags/" + QUALITY + "/dagRuns").get("dag_runs")) {
                                String id = judged.get("dag_run_id").asText();
                                if (airflow.get("/dags/" + QUALITY + "/dagRuns/" + id + "/upstreamAssetEvents")
                                        .findValuesAsText("source_run_id")
                                        .contains(dagRun)) {
                                    return id;
                                }
                            }
                            return "";
                        },
                        id -> !id.isEmpty());
    }

    @Test
    void aBackfillRunsTwoWindowsAtATimeAndAgainMakesNothingNew() throws Exception {
        // Given
        Instant from = stack.windows(6);
        stack.slowSource();
        // When
        String first = stack.startBackfill(from, 6);
        int most = mostAtOnce(from, first);
        // Then
        assertThat(most).isEqualTo(2);
        List<Run> runs = stack.runsOf(from, 6);
        assertThat(runs).hasSize(6).extracting(Run::state).containsOnly("COMPLETE");
        assertReconciled(runs);
        // When
        long usersBefore = users(runs);
        Map<TopicPartition, Long> topicBefore = stack.whole().stores().endOfTopic();
        stack.awaitDagRun(BACKFILL, stack.startBackfill(from, 6), "success");
        // Then
        assertThat(stack.runsOf(from, 6)).containsExactlyElementsOf(runs);
        assertThat(users(runs)).isEqualTo(usersBefore).isEqualTo(6L * USERS);
        assertThat(recordsOf(runs, topicBefore)).isZero();
        assertReconciled(runs);
    }

    /** How many of the windows were going at the same time at most, until the DAG run was done. The source is slow for ten looks. */
    private static int mostAtOnce(Instant from, String dagRun) {
        List<Long> seen = new ArrayList<>();
        patiently().until(() -> {
            long going = stack.runsOf(from, 6).stream()
                    .filter(run -> run.state().equals("RUNNING"))
                    .count();
            seen.add(going);
            if (seen.stream().filter(some -> some >= 2).count() == 10) {
                stack.fastSource();
            }
            return airflow.stateOf(BACKFILL, dagRun).equals("success");
        });
        return seen.stream().mapToInt(Long::intValue).max().orElseThrow();
    }

    private static long users(List<Run> runs) throws Exception {
        long users = 0;
        for (Run run : runs) {
            users += stack.whole().stores().inPostgres(run.id()).size();
        }
        return users;
    }

    private static long recordsOf(List<Run> runs, Map<TopicPartition, Long> behind) {
        List<UUID> ids = runs.stream().map(Run::id).toList();
        List<UUID> found = new ArrayList<>();
        stack.whole().stores().forEachRecord(behind, (record, event) -> {
            if (ids.contains(event.runId())) {
                found.add(event.runId());
            }
        });
        return found.size();
    }

    private static void assertReconciled(List<Run> runs) throws Exception {
        for (Run run : runs) {
            assertThat(stack.whole().reconciliation(run.id(), true).get("equal").asBoolean())
                    .isTrue();
        }
    }

    @Test
    void aReplayPublishesTheRunAgainAndNothingCountsTwice() throws Exception {
        // Given
        Instant window = stack.windows(1);
        stack.awaitDagRun(INGEST, stack.startIngest(window), "success");
        Run run = stack.assertOneRunOf(window);
        Map<TopicPartition, Long> before = stack.whole().stores().endOfTopic();
        // When
        stack.awaitDagRun(REPLAY, stack.startReplay(run), "success");
        // Then
        assertThat(recordsOf(List.of(run), before)).isEqualTo(USERS);
        assertReconciled(List.of(run));
    }

    @Test
    void theSameWindowByScheduleByHandAndByBackfillIsOneRun() throws Exception {
        // Given
        stack.slowSource();
        String scheduled = stack.nextScheduled();
        Instant window = intervalOf(scheduled);
        ObjectNode asScheduled = object().put("users", SCHEDULED_USERS).put("page_size", 1_000);
        // When
        Instant within = window.plus(WINDOW).plusSeconds(17);
        String byHand = airflow.start(INGEST, within, asScheduled.deepCopy());
        String byBackfill = stack.startBackfill(window, 1, asScheduled.deepCopy());
        stack.awaitTask(INGEST, scheduled, "run", "deferred");
        stack.awaitTask(INGEST, byHand, "run", "deferred");
        stack.awaitTask(BACKFILL, byBackfill, "one.run/0", "deferred");
        stack.fastSource();
        stack.awaitDagRun(INGEST, scheduled, "success");
        stack.awaitDagRun(INGEST, byHand, "success");
        stack.awaitDagRun(BACKFILL, byBackfill, "success");
        // Then
        assertThat(stack.runsOf(window, 1)).hasSize(1).extracting(Run::state).containsOnly("COMPLETE");
        String run = stack.runsOf(window, 1).get(0).id().toString();
        assertThat(airflow.result(INGEST, scheduled, "run").get("run").asText()).isEqualTo(run);
        assertThat(airflow.result(INGEST, byHand, "run").get("run").asText()).isEqualTo(run);
    }

    @Test
    void wrongParametersAreAnsweredWithWhatIsWrong() throws Exception {
        assertThat(airflow.refused(INGEST, object().put("users", 0))).contains("users", "minimum of 1");
        assertThat(airflow.refused(BACKFILL, object().put("from", "yesterday").put("to", "today")))
                .contains("from", "yesterday");
    }

    @Test
    void aServiceThatIsNotThereFailsTheTaskAfterItsRetriesWithTheAddress() throws Exception {
        // Given
        URI ingest = stack.whole().addresses().ingestUrl().orElseThrow();
        String connection = "/connections/tributary_default";
        ObjectNode there = object().put("connection_id", "tributary_default").put("conn_type", "tributary");
        airflow.patch(connection, there.deepCopy().put("host", "127.0.0.1").put("port", 9));
        String dagRun;
        try {
            // When
            dagRun = stack.startIngest(stack.windows(1));
            stack.awaitDagRun(INGEST, dagRun, "failed");
        } finally {
            airflow.patch(
                    connection, there.deepCopy().put("host", ingest.getHost()).put("port", ingest.getPort()));
        }
        // Then
        int tries = airflow.task(INGEST, dagRun, "run").get("try_number").asInt();
        assertThat(tries).isEqualTo(4);
        assertThat(airflow.log(INGEST, dagRun, "run", tries))
                .contains("http://127.0.0.1:9 can not be asked for the run")
                .contains("look_at=nothing was begun");
    }

    @Test
    void aDriftFailsTheReconciliationWithStoreAndPage() throws Exception {
        // Given
        Instant window = stack.windows(1);
        String dagRun = stack.startIngest(window);
        stack.awaitDagRun(INGEST, dagRun, "success");
        Run run = stack.assertOneRunOf(window);
        try (Connection sql = stack.whole().stores().sql();
                Statement statement = sql.createStatement()) {
            int changed = statement.executeUpdate(
                    "update users set city = 'Atlantis' where page = 2 and position = 17 and run_id = '" + run.id()
                            + "'");
            assertThat(changed).isEqualTo(1);
        }
        // When
        airflow.clear(INGEST, dagRun, "reconcile");
        stack.awaitDagRun(INGEST, dagRun, "failed");
        // Then
        int tries = airflow.task(INGEST, dagRun, "reconcile").get("try_number").asInt();
        assertThat(airflow.log(INGEST, dagRun, "reconcile", tries))
                .contains("run " + run.id() + " does not reconcile: postgres, page 2, position 17")
                .contains("run=" + run.id() + " pages=2 look_at=http");
    }

    @Test
    void thePasswordIsForItsOwnersEyesOnly() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(AirflowConfig.passwords(dir))))
                .isEqualTo("rw-------");
    }

    private static int slots(JsonNode pool, String state) {
        return pool.get(state + "_slots").asInt();
    }

    private static Instant intervalOf(String dagRun) throws IOException, InterruptedException {
        return Instant.parse(airflow.get("/dags/" + INGEST + "/dagRuns/" + dagRun)
                .get("data_interval_start")
                .asText());
    }

    private static Instant windowOf(UUID run) throws IOException, InterruptedException {
        return Instant.parse(stack.whole().run(run).get("windowStart").asText());
    }

    private static String metrics() throws IOException, InterruptedException {
        URI metrics = stack.whole().addresses().airflowMetricsUrl().orElseThrow();
        return Http.text(HttpRequest.newBuilder(metrics), Duration.ofSeconds(10), 200);
    }
}
