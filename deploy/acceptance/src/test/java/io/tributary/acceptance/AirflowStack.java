package io.tributary.acceptance;

import static io.tributary.acceptance.AirflowApi.object;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.embedded.AirflowConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.awaitility.core.ConditionFactory;

/**
 * The whole stack with a real Airflow whose DAGs are on, the schedule too: every five minutes there is a window of 10,000 users that
 * no test has asked for. Each test has windows of its own, long ago.
 */
final class AirflowStack implements AutoCloseable {
    static final String INGEST = "randomuser_ingest";
    static final String BACKFILL = "randomuser_backfill";
    static final String REPLAY = "randomuser_replay";
    static final String QUALITY = "randomuser_quality";
    static final Duration WINDOW = Duration.ofMinutes(5);
    static final int USERS = 2_000;

    private static final int PAGE_SIZE = 500;
    /** Half a minute a page: time enough to do something to whoever waits for it. */
    private static final int SLOW_BYTES_A_SECOND = 20_000;
    /** A scheduled window is at most five minutes away. */
    private static final Duration PATIENCE = Duration.ofMinutes(7);

    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final long INSTALLED_WITHIN_MINUTES = 15;

    private final Path dir;
    private final WholeStack stack;
    private final AirflowApi airflow;
    private Instant nextWindow = Instant.parse("2026-02-01T00:00:00Z");

    /** A run of the ingest service. */
    record Run(UUID id, String state, Instant window) {
        static Run of(JsonNode json) {
            return new Run(
                    UUID.fromString(json.get("id").asText()),
                    json.get("state").asText(),
                    Instant.parse(json.get("windowStart").asText()));
        }
    }

    AirflowStack(Path dir) throws IOException, InterruptedException {
        this.dir = dir;
        installed();
        long beganNs = System.nanoTime();
        stack = new WholeStack(WholeStack.options(dir).withAirflow());
        System.out.printf("the stack with Airflow is ready after %.0f s%n", (System.nanoTime() - beganNs) / 1e9);
        airflow = AirflowApi.login(
                stack.addresses().airflowUrl().orElseThrow(), AirflowConfig.USER, AirflowConfig.password(dir));
        patiently().until(() -> airflow.get("/dags").get("total_entries").asInt() == 4);
        for (String dag : Set.of(INGEST, BACKFILL, QUALITY, REPLAY)) {
            airflow.paused(dag, false);
        }
    }

    /** What {@code ./etl up --airflow} does first, for who tries this alone in a fresh clone. */
    private static void installed() throws IOException, InterruptedException {
        Process script = new ProcessBuilder(
                        WholeStack.HOME.resolve("airflow/venv.sh").toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(script.waitFor(INSTALLED_WITHIN_MINUTES, TimeUnit.MINUTES)).isTrue();
        assertThat(script.exitValue()).isZero();
    }

    WholeStack whole() {
        return stack;
    }

    AirflowApi airflow() {
        return airflow;
    }

    @Override
    public void close() {
        stack.close();
        LeftOver.assertNone(dir);
    }

    /** Whatever is asked may be away for a while. */
    static ConditionFactory patiently() {
        return await().atMost(PATIENCE).pollInterval(Duration.ofMillis(300)).ignoreExceptions();
    }

    void slowSource() throws IOException, InterruptedException {
        new StandIn(stack.addresses().sourceUrl().orElseThrow()).slow(SLOW_BYTES_A_SECOND);
    }

    void fastSource() throws IOException, InterruptedException {
        stack.sourceFaults("[]");
    }

    /** The first of so many windows in a row that no other test has. */
    Instant windows(int many) {
        Instant first = nextWindow;
        nextWindow = nextWindow.plus(WINDOW.multipliedBy(many));
        return first;
    }

    /** By hand, with 2,000 users; gives the id of the DAG run. */
    String startIngest(Instant window) throws IOException, InterruptedException {
        return airflow.start(
                INGEST, window.plus(WINDOW), parameters()); // a logical date stands for the window before it
    }

    /** By hand, with 2,000 users a window; gives the id of the DAG run. */
    String startBackfill(Instant from, int many) throws IOException, InterruptedException {
        return startBackfill(from, many, parameters());
    }

    String startBackfill(Instant from, int many, ObjectNode parameters) throws IOException, InterruptedException {
        Instant to = from.plus(WINDOW.multipliedBy(many));
        ObjectNode range = parameters.put("from", from.toString()).put("to", to.toString());
        return airflow.start(BACKFILL, Instant.now(), range);
    }

    String startReplay(Run run) throws IOException, InterruptedException {
        return airflow.start(REPLAY, Instant.now(), object().put("run", run.id().toString()));
    }

    private static ObjectNode parameters() {
        return object().put("users", USERS).put("page_size", PAGE_SIZE);
    }

    /** Waits for the next window of the schedule, which no test has had; gives the id of the DAG run. */
    String nextScheduled() throws IOException, InterruptedException {
        String path = "/dags/" + INGEST + "/dagRuns?run_type=scheduled&order_by=-id&limit=1";
        String before = airflow.get(path).at("/dag_runs/0/dag_run_id").asText("");
        return patiently()
                .until(
                        () -> airflow.get(path).at("/dag_runs/0/dag_run_id").asText(""),
                        id -> !id.isEmpty() && !id.equals(before));
    }

    /** @param task of a mapped one with its index, as in {@code group.task/0} */
    void awaitTask(String dag, String dagRun, String task, String state) {
        patiently().until(() -> airflow.stateOf(dag, dagRun, task), state::equals);
    }

    void awaitDagRun(String dag, String dagRun, String state) {
        patiently().until(() -> airflow.stateOf(dag, dagRun), state::equals);
    }

    /** Waits until the service has a run for the window, and none before. */
    Run awaitBegun(Instant window) {
        return patiently()
                .until(() -> runsOf(window, 1), runs -> runs.size() == 1)
                .get(0);
    }

    void awaitState(Run run, String state) {
        patiently().until(() -> stateOf(run), state::equals);
    }

    String stateOf(Run run) throws IOException, InterruptedException {
        return stack.run(run.id()).get("state").asText();
    }

    /** The newest 500 runs of the service. */
    List<Run> runs() throws IOException, InterruptedException {
        URI newest = URI.create(stack.addresses().ingestUrl().orElseThrow() + "/api/v1/runs?limit=500");
        JsonNode runs = Http.json(newest, ANSWER, 200).get("runs");
        return StreamSupport.stream(runs.spliterator(), false).map(Run::of).toList();
    }

    List<Run> runsOf(Instant from, int many) throws IOException, InterruptedException {
        Instant to = from.plus(WINDOW.multipliedBy(many));
        return runs().stream()
                .filter(run -> !run.window().isBefore(from) && run.window().isBefore(to))
                .toList();
    }

    /** Waits until no run of the service is going, whoever began it. */
    void awaitNothingGoing() {
        patiently().until(() -> runs().stream().noneMatch(run -> run.state().equals("RUNNING")));
    }

    /** One complete run whose four stores agree, user by user, and no key of which is missing; all others were cancelled. */
    Run assertOneRunOf(Instant window) throws Exception {
        List<Run> all = runsOf(window, 1);
        assertThat(all)
                .extracting(Run::state)
                .isSubsetOf("COMPLETE", "CANCELLED")
                .containsOnlyOnce("COMPLETE");
        Run complete = all.stream()
                .filter(run -> run.state().equals("COMPLETE"))
                .findFirst()
                .orElseThrow();
        assertThat(stack.reconciliation(complete.id(), true).get("equal").asBoolean())
                .isTrue();
        Stores.assertWhole("PostgreSQL", stack.stores().inPostgres(complete.id()), USERS, PAGE_SIZE);
        System.out.printf(
                "window %s: runs %s%n", window, all.stream().map(Run::state).toList());
        return complete;
    }
}
