package io.tributary.ingest.pipeline;

import io.tributary.ingest.ledger.RunLedger;
import io.tributary.ingest.metrics.IngestMetrics;
import io.tributary.ingest.metrics.IngestMetrics.Stage;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.IngestException;
import io.tributary.ingest.model.IngestException.SourceFailed;
import io.tributary.ingest.model.Lease;
import io.tributary.ingest.model.Limits;
import io.tributary.ingest.sink.PageSink;
import io.tributary.ingest.source.PageSource;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** From the source into both sinks. Read the methods in order: that is the way of a page. */
public final class IngestPipeline {
    private static final Logger LOG = LoggerFactory.getLogger(IngestPipeline.class);
    /** Between two looks at a ledger that had no page, or could not be asked. */
    private static final Duration IDLE = Duration.ofMillis(500);
    /** After a failed request, where the source names no time of its own. */
    private static final Duration SOURCE_PAUSE = Duration.ofSeconds(3);

    private final PageSource source;
    private final RunLedger ledger;
    private final PageSink rows;
    private final PageSink topic;
    private final Limits limits;
    private final IngestMetrics metrics;
    private final Sinks.Many<Boolean> wake = Sinks.many().multicast().directBestEffort();
    private volatile boolean draining;

    public IngestPipeline(
            PageSource source, RunLedger ledger, PageSink rows, PageSink topic, Limits limits, IngestMetrics metrics) {
        this.source = source;
        this.ledger = ledger;
        this.rows = rows;
        this.topic = topic;
        this.limits = limits;
        this.metrics = metrics;
    }

    /**
     * Works until {@link #drain} or a cancel. As many slots as pages may be in flight; a slot leases its next page only when
     * it is done with the last, so nothing is leased, fetched or held beyond them, whatever stalls.
     */
    public Flux<PageEnding> work() {
        Mono<PageEnding> nextPage = Mono.defer(() -> ledger.lease(source.isOpen()))
                .flatMap(this::deliver)
                .delayUntil(this::spareTheSource)
                .onErrorResume(e -> {
                    LOG.warn("event=lease_failed cause={}", e.toString());
                    return Mono.empty();
                });
        return Flux.range(1, limits.pagesInFlight())
                .flatMap(slot -> nextPage.repeatWhen(this::untilDrained), limits.pagesInFlight(), 1);
    }

    /** Idle slots look at the ledger at once: there is a new run. */
    public void wake() {
        wake.tryEmitNext(true); // one lost in a race with another costs an idle slot half a second
    }

    /** No slot takes another page; {@link #work} completes when the pages in flight have ended. */
    public void drain() {
        draining = true;
        wake();
    }

    private Flux<?> untilDrained(Flux<Long> ends) {
        return ends.<Object>concatMap(pages -> pages > 0 ? Mono.just(pages) : idle(), 1)
                .takeWhile(next -> !draining);
    }

    private Mono<?> idle() {
        return ledger.finishEnded()
                .onErrorResume(IngestException.class, e -> Mono.empty()) // the lease says so too
                .then(pause(IDLE));
    }

    /** A slot whose request failed asks for no other page at once: a source in trouble sees a request a slot and pause. */
    private Mono<?> spareTheSource(PageEnding ending) {
        return ending.failure() instanceof SourceFailed failed && failed.isTransient()
                ? pause(failed.retryAfter().orElse(SOURCE_PAUSE))
                : Mono.empty();
    }

    private Mono<?> pause(Duration time) {
        return Mono.firstWithSignal(Mono.delay(time), wake.asFlux().next());
    }

    private Mono<PageEnding> deliver(Lease lease) {
        Mono<PageEnding> delivered = Mono.usingWhen(
                Mono.just(lease),
                held -> captured(held).flatMap(this::fanOut).takeUntilOther(renewals(held)),
                ledger::complete, // both sinks acknowledged
                ledger::giveBack, // cause kept, the page is tried again or quarantined
                held -> ledger.release(held).doFirst(metrics::pageFailed)); // cancelled: free at once
        return delivered
                .doOnSubscribe(begun -> metrics.pageStarted())
                .doOnNext(this::completed)
                .onErrorResume(e -> Mono.just(failed(lease, e)));
    }

    /** What the source answered, durable once. A page captured by anyone before is read back, never fetched again. */
    private Mono<CapturedPage> captured(Lease lease) {
        if (lease.captured()) {
            return ledger.readBack(lease);
        }
        return metrics.timed(Stage.FETCH, source.fetch(lease.request()))
                .flatMap(fetched -> metrics.timed(Stage.CAPTURE, ledger.capture(lease, fetched)))
                .doOnNext(metrics::captured);
    }

    /** Both sinks at once; both settle, so that neither still writes when the page is given back. */
    private Mono<PageEnding> fanOut(CapturedPage page) {
        Mono<Void> stored = metrics.timed(Stage.STORE, rows.deliver(page));
        Mono<Void> published = metrics.timed(Stage.PUBLISH, topic.deliver(page));
        return Mono.whenDelayError(stored, published.doOnSuccess(acked -> metrics.published(page)))
                .thenReturn(PageEnding.complete(page));
    }

    /** Holds the lease while the page is worked on; errors only when the page has become another worker's. */
    private Mono<Void> renewals(Lease lease) {
        return Flux.interval(limits.lease().dividedBy(3))
                .onBackpressureDrop()
                .concatMap(tick -> ledger.renew(lease).onErrorResume(IngestPipeline::isTransient, e -> Mono.empty()), 1)
                .then();
    }

    private void completed(PageEnding ending) {
        metrics.pageCompleted();
        LOG.info("event=page_complete {} users={}", ending.lease(), ending.users());
    }

    private PageEnding failed(Lease lease, Throwable failure) {
        metrics.pageFailed();
        if (Exceptions.unwrapMultiple(failure).stream().allMatch(IngestException.class::isInstance)) {
            LOG.warn("event=page_failed {} cause={}", lease, failure.toString());
        } else {
            LOG.error("event=page_failed {} cause=bug", lease, failure);
        }
        return PageEnding.failed(lease, failure);
    }

    private static boolean isTransient(Throwable e) {
        return e instanceof IngestException known && known.isTransient();
    }
}
