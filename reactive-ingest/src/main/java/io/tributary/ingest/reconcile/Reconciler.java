package io.tributary.ingest.reconcile;

import io.tributary.ingest.model.Run;
import reactor.core.publisher.Mono;

/** Compares what the stores hold of a run, computed anew from each store's own content. */
public interface Reconciler {
    /** Errors with {@code ReadFailed}, which names the store, when one can not be read. */
    Mono<Reconciliation> reconcile(Run run, boolean deep);
}
