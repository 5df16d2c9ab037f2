package io.tributary.perf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.embedded.StackOptions;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/** Scenario 10; {@code perf/10-scale.md} says what it asks. */
final class Scale implements Scenario {
    private static final List<Integer> SIZES = List.of(100_000, 1_000_000, 5_000_000);
    private static final List<Integer> INSTANCES = List.of(1, 2, 4);
    /** Of the run that the instances share: a shorter one would measure Java's compilers. */
    private static final int SHARED_USERS = 1_000_000;

    private static final int SINGLES = 51;
    private static final int DIGITS = 3;
    private static final double MICROS_A_MILLI = 1e3;

    @Override
    public String name() {
        return "10-scale";
    }

    @Override
    public StackOptions stack(StackOptions plain, Wishes wishes) {
        return IngestStack.of(plain, SIZES.get(0));
    }

    /** Pages are of another seed each time: nobody keeps 5 million users prepared. */
    @Override
    public void measure(Bench bench, Wishes wishes, ObjectNode figures) throws Exception {
        IngestRun.warmUp(bench, Math.min(IngestRun.WARM_UP, wishes.users), Optional.empty());
        double first = 0;
        ObjectNode sizes = figures.putObject("byUsers");
        for (int users : SIZES.stream().filter(size -> size <= wishes.users).toList()) {
            ObjectNode size = sizes.putObject("users" + users);
            first = described(bench, users, size, first);
            size.put("medianMsOfOneUser", medianMsOfOneUser(bench));
        }
        first = 0;
        int shared = Math.min(SHARED_USERS, wishes.users);
        ObjectNode instances = figures.putObject("byInstances");
        for (int number : INSTANCES) {
            IntStream.range(bench.instances(), number).forEach(missing -> bench.addIngest());
            IngestRun.warmUp(bench, shared / 2 * number, Optional.empty());
            first = described(bench, shared, instances.putObject("instances" + number), first);
        }
    }

    /** A run of one user asks each question of the ledger once; nothing else waits for an answer meanwhile. */
    private static double medianMsOfOneUser(Bench bench) throws Exception {
        bench.database().settle();
        Control control = bench.control();
        Histogram micros = new Histogram(DIGITS);
        for (int n = 0; n < SINGLES; n++) {
            UUID run = control.start(1, 1, Optional.empty());
            Bench.untilComplete(control, run);
            micros.recordValue(TimeUnit.NANOSECONDS.toMicros(control.took(run).toNanos()));
        }
        return Rounded.to(1, micros.getValueAtPercentile(50) / MICROS_A_MILLI);
    }

    /** Gives the CPU per user that the following ones are held against. */
    private static double described(Bench bench, int users, ObjectNode into, double first) throws Exception {
        Cost cost = IngestRun.measured(bench, users, Optional.empty()).cost();
        cost.describe(into);
        double base = first == 0 ? cost.microsWithoutSource() : first;
        into.put("cpuPerUserAgainstFirst", Rounded.to(3, cost.microsWithoutSource() / base));
        return base;
    }
}
