package io.tributary.perf;

import com.datastax.oss.driver.api.core.CqlSession;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.Histogram;

/** Scenario 09; {@code perf/09-latency.md} says what it asks. */
final class CaptureToReadable implements Scenario {
    private static final int RUNS_A_SECOND = 10;
    private static final Duration WARM_UP = Duration.ofSeconds(40);

    @Override
    public String name() {
        return "09-latency";
    }

    @Override
    public void measure(Bench bench, Wishes wishes, ObjectNode figures) throws Exception {
        int users = Math.max(1, wishes.rate / RUNS_A_SECOND);
        AtomicInteger refused = new AtomicInteger();
        ScheduledExecutorService clock = Executors.newScheduledThreadPool(2);
        Control control = bench.control();
        try (CqlSession cassandra = bench.cassandra();
                Watch watch = new Watch(bench, cassandra)) {
            var unused = clock.scheduleAtFixedRate(
                    () -> {
                        try {
                            control.start(users, users, Optional.empty());
                        } catch (Exception e) { // said by the figures
                            refused.incrementAndGet();
                        }
                    },
                    0,
                    1_000_000 / RUNS_A_SECOND,
                    TimeUnit.MICROSECONDS);
            TimeUnit.SECONDS.sleep(WARM_UP.toSeconds());
            Cost cost = bench.measure((long) wishes.rate * wishes.seconds, meter -> {
                watch.begin();
                TimeUnit.SECONDS.sleep(wishes.seconds);
                watch.end();
            });
            clock.shutdown();
            watch.awaitAll();

            figures.put("seconds", wishes.seconds);
            figures.put("recordsPerSecond", watch.records() / wishes.seconds);
            figures.put("runsRefused", refused.get());
            percentiles(figures.putObject("userReadableMs"), watch.users());
            percentiles(figures.putObject("pageCountedMs"), watch.pages());
            percentiles(figures.putObject("recordOnTopicMs"), watch.published());
            ObjectNode cpu = figures.putObject("cpuCores");
            cost.shares().keySet().forEach(process -> cpu.put(process, Rounded.to(3, cost.cores(process))));
            figures.put("othersCores", Rounded.to(2, cost.othersCores()));
        } finally {
            clock.shutdownNow();
        }
    }

    private static void percentiles(ObjectNode into, Histogram millis) {
        into.put("samples", millis.getTotalCount());
        into.put("p50", millis.getValueAtPercentile(50));
        into.put("p95", millis.getValueAtPercentile(95));
        into.put("p99", millis.getValueAtPercentile(99));
        into.put("max", millis.getMaxValue());
    }
}
