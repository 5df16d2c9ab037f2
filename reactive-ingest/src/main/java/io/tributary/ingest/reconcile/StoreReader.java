package io.tributary.ingest.reconcile;

import reactor.core.publisher.Flux;

/** A store that holds each user of a run, read for a comparison. */
interface StoreReader {
    /** As it is called in reconciliations, metrics and errors. */
    String store();

    /**
     * Cold. The pages that the store holds something of, each once, not only those that the ledger knows; their content
     * hashed anew. Errors with {@code ReadFailed} or, for what nobody foresaw, with anything.
     */
    Flux<PageContent> read(Slice slice);

    /** The same; tells also what it came by of other runs, where the store is not asked for one run alone. */
    default Flux<PageContent> read(Slice slice, OtherRuns others) {
        return read(slice);
    }
}
