package io.tributary.ingest.reconcile;

import java.util.UUID;
import reactor.core.publisher.Mono;

/** How many users of a run the stream has counted: the sum over the run's page sums in Cassandra. */
public interface CountedUsers {
    /** Cold. Zero when nothing is counted yet; empty or {@code ReadFailed} when Cassandra can not be asked. */
    Mono<Long> counted(UUID runId);
}
