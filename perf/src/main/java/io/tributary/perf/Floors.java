package io.tributary.perf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** What bare tools take for the same users, one after the other. */
final class Floors {
    /**
     * Runs of the measured size that do not count, of ingest as of each floor: after one, the second of Java's compilers still
     * took 3 to 5 of ingest's 23 to 27 microseconds a user.
     */
    static final int WARM_UPS = 2;

    private Floors() {}

    /** Of each floor its own process and its server count: the others are idle meanwhile. */
    static void measure(Bench bench, List<Floor> floors, Cost ours, ObjectNode into) throws Exception {
        double sum = 0;
        double source = 0;
        for (Floor floor : floors) {
            int users = Math.toIntExact(ours.users());
            for (int warmUp = 0; warmUp < WARM_UPS; warmUp++) {
                floor.run(users);
            }
            bench.database().settle();
            Cost cost = bench.measure(users, meter -> floor.run(users));
            String server = floor.server().label();
            double micros = cost.micros(Cost.CLIENT) + cost.micros(server);
            ObjectNode described = into.putObject(floor.name());
            cost.describe(described);
            described.put("cpuMicrosPerUserOfClientAndServer", Rounded.to(2, micros));
            sum += micros;
            source += cost.micros("source");
        }
        into.put("cpuMicrosPerUser", Rounded.to(2, sum));
        into.put("cpuMicrosPerUserWithoutSource", Rounded.to(2, sum - source));
        into.put("oursAgainstFloors", Rounded.to(2, ours.micros() / sum));
        into.put("oursAgainstFloorsWithoutSource", Rounded.to(2, ours.microsWithoutSource() / (sum - source)));
    }
}
