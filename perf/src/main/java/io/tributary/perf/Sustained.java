package io.tributary.perf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Scenarios 06 and 08: the whole stack at a fixed rate. Their pages say what they ask. */
final class Sustained implements Scenario {
    static final Scenario END_TO_END = new Sustained("06-end-to-end", 60);
    static final Scenario SOAK = new Sustained("08-soak", 300);

    private static final Duration LOOK = Duration.ofMillis(100);
    private static final int WARM_UP = 60_000;

    private final String name;
    private final int leastSeconds;

    private Sustained(String name, int leastSeconds) {
        this.name = name;
        this.leastSeconds = leastSeconds;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void measure(Bench bench, Wishes wishes, ObjectNode figures) throws Exception {
        int seconds = Math.max(leastSeconds, wishes.seconds) / Samples.COUNT; // between two
        Control control = bench.control();
        try (Topics topics = bench.topics()) {
            Bench.untilComplete(control, control.start(WARM_UP, SourcePages.PAGE_SIZE, Optional.empty()));
            Bench.until(LOOK, () -> topics.lag() == 0);
            long before = topics.records(Topics.USERS);
            Samples samples = new Samples((long) wishes.rate * seconds);
            Cost cost = bench.measure(samples.usersOfAll(), meter -> {
                samples.begin(meter);
                for (int sample = 0; sample < Samples.COUNT; sample++) {
                    sustain(control, wishes.rate, seconds);
                    samples.add(meter, topics.lag(), topics.records(Topics.USERS) - before);
                }
            });
            long drains = System.nanoTime();
            Bench.until(LOOK, () -> topics.lag() == 0);
            double drained = (System.nanoTime() - drains) / 1e9;
            cost.describe(figures.putObject("whole"));
            samples.describe(figures);
            figures.put("secondsToTheLastUser", Rounded.to(3, drained));
            figures.put("records", topics.records(Topics.USERS) - before);
        }
    }

    /** A run each second, as many users as pass in it. */
    private static void sustain(Control control, int rate, int seconds) throws Exception {
        long began = System.nanoTime();
        for (int second = 0; second < seconds; second++) {
            control.start(rate, Math.min(rate, SourcePages.PAGE_SIZE), Optional.empty());
            long next = began + TimeUnit.SECONDS.toNanos(second + 1L);
            TimeUnit.NANOSECONDS.sleep(Math.max(0, next - System.nanoTime()));
        }
    }
}
