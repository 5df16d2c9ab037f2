package io.tributary.perf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.embedded.StackOptions;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Scenario 10; {@code perf/10-scale.md} says what it asks. */
final class Scale implements Scenario {
    private static final List<Integer> SIZES = List.of(100_000, 1_000_000, 5_000_000);
    private static final List<Integer> INSTANCES = List.of(1, 2, 4);

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
            first = described(bench, users, sizes.putObject("users" + users), first);
        }
        first = 0;
        ObjectNode instances = figures.putObject("byInstances");
        for (int number : INSTANCES) {
            IntStream.range(bench.instances(), number).forEach(missing -> bench.addIngest());
            IngestRun.warmUp(bench, number * SIZES.get(0), Optional.empty());
            first = described(bench, SIZES.get(0), instances.putObject("instances" + number), first);
        }
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
