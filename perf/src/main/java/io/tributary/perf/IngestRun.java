package io.tributary.perf;

import java.util.Optional;
import java.util.UUID;

/** A run of ingest, measured from the request that starts it to the moment when it is complete. */
record IngestRun(UUID id, Cost cost) {
    /** Most is compiled after that; 04 found a compiler at work for a million users more. */
    static final int WARM_UP = 200_000;

    /** A run that does not count. */
    static void warmUp(Bench bench, int users, Optional<String> seed) throws Exception {
        warmUp(bench, users, SourcePages.PAGE_SIZE, seed);
    }

    static void warmUp(Bench bench, int users, int pageSize, Optional<String> seed) throws Exception {
        Control control = bench.control();
        Bench.untilComplete(control, control.start(users, pageSize, seed));
    }

    static IngestRun measured(Bench bench, int users, Optional<String> seed) throws Exception {
        return measured(bench, users, SourcePages.PAGE_SIZE, seed);
    }

    static IngestRun measured(Bench bench, int users, int pageSize, Optional<String> seed) throws Exception {
        Control control = bench.control();
        bench.database().settle();
        UUID[] run = new UUID[1];
        Cost cost = bench.measure(users, meter -> {
            run[0] = control.start(users, pageSize, seed);
            Bench.untilComplete(control, run[0]);
        });
        return new IngestRun(run[0], cost);
    }
}
