package io.tributary.ingest.reconcile;

import io.tributary.ingest.ledger.RunLedger;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.PageSum;
import java.util.UUID;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The part of the ledger that stores are compared with; see {@link RunLedger} for the promises. */
interface CapturedPages {
    Flux<PageSum> captured(UUID runId, int from, int to);

    Mono<CapturedPage> original(UUID runId, int page);

    Mono<Boolean> knows(UUID runId);

    /** The real one. */
    static CapturedPages of(RunLedger ledger) {
        return new CapturedPages() {
            @Override
            public Flux<PageSum> captured(UUID runId, int from, int to) {
                return ledger.captured(runId, from, to);
            }

            @Override
            public Mono<CapturedPage> original(UUID runId, int page) {
                return ledger.original(runId, page);
            }

            @Override
            public Mono<Boolean> knows(UUID runId) {
                return ledger.run(runId).hasElement();
            }
        };
    }
}
