package io.tributary.ingest.reconcile;

import io.tributary.ingest.reconcile.Reconciliation.Phantom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Runs that a reading of the topic came by beside its own, with their records; of no more than {@link #MOST}. */
final class OtherRuns {
    static final int MOST = 1_000;

    private final Map<UUID, Long> records = new HashMap<>();

    /** One record of another run. */
    void record(UUID run) {
        if (records.containsKey(run) || records.size() < MOST) {
            records.merge(run, 1L, Long::sum);
        }
    }

    List<Phantom> all() {
        return records.entrySet().stream()
                .map(run -> new Phantom(run.getKey(), run.getValue()))
                .sorted((a, b) -> a.run().compareTo(b.run()))
                .toList();
    }
}
