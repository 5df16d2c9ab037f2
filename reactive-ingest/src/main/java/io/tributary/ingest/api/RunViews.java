package io.tributary.ingest.api;

import io.tributary.ingest.ledger.RunLedger;
import io.tributary.ingest.model.IngestException;
import io.tributary.ingest.reconcile.CountedUsers;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Looks at a run in the ledger and in Cassandra at once. Without Cassandra a run is still shown. */
record RunViews(RunLedger ledger, CountedUsers counts, Duration patience, Scheduler scheduler) {
    private static final Logger LOG = LoggerFactory.getLogger(RunViews.class);

    /** Cold; empty when there is no such run. */
    Mono<RunView> view(UUID id) {
        return Mono.zip(
                ledger.progress(id), counted(id), (progress, counted) -> new RunView(progress, counted.orElse(null)));
    }

    private Mono<Optional<Long>> counted(UUID id) {
        return counts.counted(id)
                .timeout(patience, scheduler)
                .map(Optional::of)
                .onErrorResume(failure -> {
                    if (!(failure instanceof IngestException || failure instanceof TimeoutException)) {
                        LOG.error("event=count-failed run={}", id, failure);
                    }
                    return Mono.empty();
                })
                .defaultIfEmpty(Optional.empty());
    }
}
