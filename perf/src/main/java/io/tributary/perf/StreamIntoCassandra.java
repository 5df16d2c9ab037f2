package io.tributary.perf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.embedded.EmbeddedStack.Part;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;

/** Scenario 05; {@code perf/05-stream.md} says what it asks. */
final class StreamIntoCassandra implements Scenario {
    private static final int WARM_UP = 60_000;
    private static final int PAGE_SIZE = 1_000;
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final Duration BARE_WARM_UP = Duration.ofSeconds(10);
    private static final Duration BARE = Duration.ofSeconds(15);

    @Override
    public String name() {
        return "05-stream";
    }

    @Override
    public void measure(Bench bench, Wishes wishes, ObjectNode figures) throws Exception {
        written(bench, bench.startRun(WARM_UP, PAGE_SIZE));
        BareDriver bare = new BareDriver(bench.cassandra());
        bare.writesPerSecond(BARE_WARM_UP);
        double before = bare.writesPerSecond(BARE);
        run(bench, wishes.users, figures);
        double after = bare.writesPerSecond(BARE);

        double ceiling = (before + after) / 2;
        figures.put("bareWritesPerSecondBefore", Math.round(before));
        figures.put("bareWritesPerSecondAfter", Math.round(after));
        figures.put("ratioOfWhole", rounded(figures.path("usersPerSecond").asDouble() / ceiling));
        figures.put(
                "ratioWhenIngestIsDone",
                rounded(figures.path("usersPerSecondWhenIngestIsDone").asDouble() / ceiling));
    }

    private static void run(Bench bench, int users, ObjectNode figures) throws Exception {
        Map<Part, Double> cpuBefore = bench.cpuSeconds();
        long began = System.nanoTime();
        UUID run = bench.startRun(users, PAGE_SIZE);
        Bench.until(LOOK, () -> bench.isComplete(run));
        double captured = seconds(began);
        long lag = bench.lag();
        long drainedFrom = System.nanoTime();
        Bench.until(LOOK, () -> bench.lag() == 0);
        double drained = seconds(drainedFrom);
        double all = seconds(began);

        figures.put("users", users);
        figures.put("seconds", rounded(all));
        figures.put("usersPerSecond", Math.round(users / all));
        figures.put("secondsOfIngest", rounded(captured));
        figures.put("leftWhenIngestIsDone", lag);
        figures.put("usersPerSecondWhenIngestIsDone", Math.round(lag / drained));
        ObjectNode cpu = figures.putObject("cpuMicrosPerUser");
        bench.cpuSeconds()
                .forEach((part, now) -> cpu.put(
                        part.label(), Math.round((now - cpuBefore.getOrDefault(part, 0.0)) * 1e6 / users * 10) / 10.0));
    }

    private static void written(Bench bench, UUID run) throws Exception {
        Bench.until(LOOK, () -> bench.isComplete(run) && bench.lag() == 0);
    }

    private static double seconds(long sinceNanos) {
        return (System.nanoTime() - sinceNanos) / 1e9;
    }

    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
