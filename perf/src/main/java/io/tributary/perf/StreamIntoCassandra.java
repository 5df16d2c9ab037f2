package io.tributary.perf;

import com.datastax.oss.driver.api.core.CqlSession;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Optional;
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
        Control control = bench.control();
        try (CqlSession cassandra = bench.cassandra();
                Topics topics = bench.topics()) {
            Bench.untilComplete(control, control.start(WARM_UP, PAGE_SIZE, Optional.empty()));
            Bench.until(LOOK, () -> topics.lag() == 0);
            BareDriver bare = new BareDriver(cassandra);
            bare.writesPerSecond(BARE_WARM_UP);
            double before = bare.writesPerSecond(BARE);
            Cost cost = bench.measure(wishes.users, meter -> run(control, topics, wishes.users, figures));
            double after = bare.writesPerSecond(BARE);

            cost.describe(figures);
            double ceiling = (before + after) / 2;
            figures.put("bareWritesPerSecondBefore", Math.round(before));
            figures.put("bareWritesPerSecondAfter", Math.round(after));
            figures.put("ratioOfWhole", Rounded.to(3, cost.usersPerSecond() / ceiling));
            figures.put(
                    "ratioWhenIngestIsDone",
                    Rounded.to(3, figures.path("usersPerSecondWhenIngestIsDone").asDouble() / ceiling));
        }
    }

    private static void run(Control control, Topics topics, int users, ObjectNode figures) throws Exception {
        long began = System.nanoTime();
        UUID run = control.start(users, PAGE_SIZE, Optional.empty());
        Bench.untilComplete(control, run);
        double captured = seconds(began);
        long lag = topics.lag();
        long drainedFrom = System.nanoTime();
        Bench.until(LOOK, () -> topics.lag() == 0);
        figures.put("secondsOfIngest", Rounded.to(3, captured));
        figures.put("leftWhenIngestIsDone", lag);
        figures.put("usersPerSecondWhenIngestIsDone", Math.round(lag / seconds(drainedFrom)));
    }

    private static double seconds(long sinceNanos) {
        return (System.nanoTime() - sinceNanos) / 1e9;
    }
}
