package io.tributary.perf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.embedded.StackOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;

/** Scenario 07; {@code perf/07-bursts.md} says what it asks. */
final class Bursts implements Scenario {
    private static final int RUNS = 20;
    private static final Duration LOOK = Duration.ofMillis(50);

    @Override
    public String name() {
        return "07-bursts";
    }

    @Override
    public StackOptions stack(StackOptions plain, Wishes wishes) {
        return IngestStack.of(plain, wishes.users);
    }

    @Override
    public void measure(Bench bench, Wishes wishes, ObjectNode figures) throws Exception {
        int each = Math.max(1, wishes.users / RUNS);
        int users = each * RUNS;
        SourcePages.of(bench, users).fetch();
        IngestRun.warmUp(bench, Math.min(IngestRun.WARM_UP, users), SourcePages.seed());
        Cost one = IngestRun.measured(bench, users, SourcePages.seed()).cost();
        bench.database().settle();
        List<Double> ends = new ArrayList<>();
        Cost many = bench.measure(users, meter -> allAtOnce(bench.control(), each, ends));

        one.describe(figures.putObject("oneRun"));
        many.describe(figures.putObject("twentyRuns"));
        figures.put("twentyAgainstOne", Rounded.to(3, many.seconds() / one.seconds()));
        figures.put("fastestSeconds", Rounded.to(3, ends.get(0)));
        figures.put("slowestSeconds", Rounded.to(3, ends.get(RUNS - 1)));
        figures.put("slowestAgainstFastest", Rounded.to(3, ends.get(RUNS - 1) / ends.get(0)));
    }

    /** Starts them side by side and writes down after how many seconds each was complete. */
    private static void allAtOnce(Control control, int users, List<Double> ends) throws Exception {
        long began = System.nanoTime();
        List<UUID> open = new ArrayList<>();
        for (int run = 0; run < RUNS; run++) {
            open.add(control.start(users, SourcePages.PAGE_SIZE, SourcePages.seed()));
        }
        Bench.until(LOOK, () -> {
            for (Iterator<UUID> runs = open.iterator(); runs.hasNext(); ) {
                if (control.isComplete(runs.next())) {
                    runs.remove();
                    ends.add((System.nanoTime() - began) / 1e9);
                }
            }
            return open.isEmpty();
        });
    }
}
