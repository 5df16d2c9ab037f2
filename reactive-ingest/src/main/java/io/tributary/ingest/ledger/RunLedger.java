package io.tributary.ingest.ledger;

import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.FetchedPage;
import io.tributary.ingest.model.IngestException;
import io.tributary.ingest.model.Lease;
import io.tributary.ingest.model.NewRun;
import io.tributary.ingest.model.PageState;
import io.tributary.ingest.model.PageSum;
import io.tributary.ingest.model.Run;
import io.tributary.ingest.model.RunProgress;
import java.util.UUID;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The one place that says what is true about runs and pages. Every write for a page names the lease's epoch and changes
 * nothing once that has moved on. All are cold and error only with {@link IngestException}: {@code StoreFailed} when
 * PostgreSQL could not do it, {@code LeaseLost} when the page is another worker's.
 */
public interface RunLedger {
    /** A run with its pages planned, or the one that was created under this key before. */
    Mono<Created> create(NewRun run);

    /** What {@link #create} found. */
    record Created(Run run, boolean fresh, boolean sameParameters) {}

    /**
     * The next page to work on, now this worker's; empty when there is none at the moment.
     *
     * @param mayFetch false: only a page that is captured already, because the source is known to refuse
     */
    Mono<Lease> lease(boolean mayFetch);

    /** Holds on to a page for another lease. */
    Mono<Void> renew(Lease lease);

    /** Makes what the source answered durable, and with it the page's event time and digest. */
    Mono<CapturedPage> capture(Lease lease, FetchedPage fetched);

    /** What was captured before, read back from the stored response. */
    Mono<CapturedPage> readBack(Lease lease);

    /** Both sinks have acknowledged the page. */
    Mono<Void> complete(Lease lease);

    /**
     * The page failed: it waits and is tried again, or is quarantined after its attempts. Only a failure that is not
     * transient counts as an attempt. Gives the state that the page is in then; empty when it is another worker's.
     */
    Mono<PageState> giveBack(Lease lease, Throwable cause);

    /** The page was not finished, for no fault of its own: it is free at once. */
    Mono<Void> release(Lease lease);

    /**
     * Pages that were given up are tried again, from where they stood and with all their attempts; the run goes on. Dead
     * letters stay: they are facts of their page. Says how many pages; 0 also when there is no such run.
     */
    Mono<Integer> redrive(UUID runId);

    /**
     * Frees what former lives of this instance held, so that a restart need not wait for their leases. A former life that is
     * still there finds its epoch gone. Says how many pages.
     */
    Mono<Long> freeFormerLives();

    /** Plans no further page of a run: pages captured already go on. Empty when there is no such run. */
    Mono<Run> cancel(UUID runId);

    /** One run; empty when there is none. */
    Mono<Run> run(UUID runId);

    /**
     * Ends runs whose last page ended just before a crash, and stops those over their maximum run time. Cheap: looks at
     * running runs only.
     */
    Mono<Void> finishEnded();

    /** The newest runs, newest first, at most {@code limit}. */
    Flux<RunProgress> newest(int limit);

    /** How far a run is, counted from its pages; empty when there is no such run. */
    Mono<RunProgress> progress(UUID runId);

    /** What was captured of pages {@code from} to {@code to}, both inclusive, by page. */
    Flux<PageSum> captured(UUID runId, int from, int to);

    /** A captured page by number, read back for a comparison: no lease, no claim. Empty when it is not captured. */
    Mono<CapturedPage> original(UUID runId, int page);
}
