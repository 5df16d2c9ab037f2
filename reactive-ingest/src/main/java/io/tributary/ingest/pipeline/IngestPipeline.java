package io.tributary.ingest.pipeline;

import io.tributary.ingest.ledger.RunLedger;
import io.tributary.ingest.metrics.IngestMetrics;
import io.tributary.ingest.metrics.IngestMetrics.Stage;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.FetchedPage;
import io.tributary.ingest.model.IngestException;
import io.tributary.ingest.model.IngestException.LeaseLost;
import io.tributary.ingest.model.Lease;
import io.tributary.ingest.model.Limits;
import io.tributary.ingest.model.PageState;
import io.tributary.ingest.protocol.PageFlow.Event;
import io.tributary.ingest.protocol.PageFlow.Step;
import io.tributary.ingest.sink.PageSink;
import io.tributary.ingest.source.PageSource;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * From the source into both sinks. Read the methods in order: that is the way of a page. Which step follows which is the
 * protocol's to say, see {@code PageFlow}; here is what each step does.
 */
public final class IngestPipeline {
    private static final Logger LOG = LoggerFactory.getLogger(IngestPipeline.class);
    /** Between two looks at a ledger that had no page, or could not be asked. */
    private static final Duration IDLE = Duration.ofMillis(500);

    /** Between two looks for runs that are over their maximum run time, or whose last page ended just before a crash. */
    private static final Duration FINISHING = Duration.ofSeconds(1);

    private final PageSource source;
    private final RunLedger ledger;
    private final PageSink rows;
    private final PageSink topic;
    private final Limits limits;
    private final IngestMetrics metrics;
    private final Sinks.Many<Boolean> wake = Sinks.many().multicast().directBestEffort();
    private final Sinks.Empty<Void> drains = Sinks.empty();
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
                .timeout(heardOf())
                .flatMap(this::deliver)
                .onErrorResume(e -> {
                    LOG.warn("event=lease_failed cause={}", e.toString());
                    return Mono.empty();
                });
        return Flux.range(1, limits.pagesInFlight())
                .flatMap(slot -> nextPage.repeatWhen(this::untilDrained), limits.pagesInFlight(), 1)
                .mergeWith(runsFinished());
    }

    /** Idle slots look at the ledger at once: there is a new run. */
    public void wake() {
        wake.tryEmitNext(true); // one lost in a race with another costs an idle slot half a second
    }

    /** No slot takes another page; {@link #work} completes when the pages in flight have ended. */
    public void drain() {
        draining = true;
        drains.tryEmitEmpty();
        wake();
    }

    /** Also while every slot is busy. */
    private Mono<PageEnding> runsFinished() {
        return Flux.interval(FINISHING)
                .onBackpressureDrop()
                .concatMap(tick -> ledger.finishEnded().onErrorResume(IngestException.class, e -> Mono.empty()), 1)
                .takeUntilOther(drains.asMono())
                .then(Mono.empty());
    }

    private Flux<?> untilDrained(Flux<Long> ends) {
        return ends.<Object>concatMap(pages -> pages > 0 ? Mono.just(pages) : pause(IDLE), 1)
                .takeWhile(next -> !draining);
    }

    private Mono<?> pause(Duration time) {
        return Mono.firstWithSignal(Mono.delay(time), wake.asFlux().next());
    }

    /** A page from its lease to its end. */
    private Mono<PageEnding> deliver(Lease lease) {
        PageInHand taken = PageInHand.taken(lease);
        // not takeUntilOther: it lets the work go on when the other one errors
        Mono<PageInHand> worked = Mono.firstWithSignal(follow(taken), lost(lease))
                .onErrorResume(lost -> Mono.just(taken.on(Event.LOST, lost)));
        return Mono.usingWhen(
                        Mono.just(lease),
                        held -> worked.flatMap(this::settle),
                        held -> Mono.empty(),
                        (held, bug) -> ledger.release(held),
                        held -> ledger.release(held).doFirst(metrics::pageFailed)) // cancelled: free at once
                .doOnSubscribe(begun -> metrics.pageStarted())
                .map(this::ended)
                .onErrorResume(bug -> Mono.just(failed(lease, bug)));
    }

    /** Step after step while the lease is needed; what a step has used up is let go before the next. */
    private Mono<PageInHand> follow(PageInHand taken) {
        return Mono.just(taken).expand(this::step, 1).last();
    }

    /** Does what is next and tells the flow how it went; empty when what is next needs no lease. */
    private Mono<PageInHand> step(PageInHand page) {
        Mono<PageInHand> done = switch (page.next()) {
            case FETCH -> fetch(page.lease()).map(page::fetched);
            case CAPTURE -> capture(page.lease(), page.answer()).map(page::captured);
            case READ_BACK -> ledger.readBack(page.lease()).map(page::captured);
            case DELIVER -> fanOut(page);
            case COMPLETE -> ledger.complete(page.lease()).then(Mono.fromSupplier(() -> page.on(Event.DONE)));
            case GIVE_BACK, END -> Mono.empty();
        };
        return done.onErrorResume(e -> Mono.just(page.on(Event.FAILED, e)));
    }

    private Mono<FetchedPage> fetch(Lease lease) {
        return metrics.timed(Stage.FETCH, lease.request().pageUsers(), source.fetch(lease.request()));
    }

    /** What the source answered, durable once. */
    private Mono<CapturedPage> capture(Lease lease, FetchedPage answer) {
        return metrics.timed(Stage.CAPTURE, lease.request().pageUsers(), ledger.capture(lease, answer))
                .doOnNext(metrics::captured);
    }

    /** Both sinks at once; the flow goes on when both have settled. */
    private Mono<PageInHand> fanOut(PageInHand page) {
        CapturedPage captured = page.content();
        int users = captured.events().size();
        Mono<Settled> stored = settled(Event.STORED, metrics.timed(Stage.STORE, users, rows.deliver(captured)));
        Mono<Settled> published = settled(
                Event.PUBLISHED,
                metrics.timed(Stage.PUBLISH, users, topic.deliver(captured))
                        .doOnSuccess(acked -> metrics.acknowledged(captured)));
        return Flux.merge(stored, published).reduce(page, (at, sink) -> at.on(sink.event(), sink.failure()));
    }

    private record Settled(Event event, @Nullable Throwable failure) {}

    private static Mono<Settled> settled(Event acknowledged, Mono<Void> sink) {
        return sink.thenReturn(new Settled(acknowledged, null))
                .onErrorResume(e -> Mono.just(new Settled(Event.NOT_DELIVERED, e)));
    }

    /** The cause is kept; the page is tried again or quarantined. */
    private Mono<PageInHand> settle(PageInHand page) {
        Throwable failure = page.failure();
        return page.next() == Step.GIVE_BACK && failure != null
                ? ledger.giveBack(page.lease(), failure)
                        .doOnNext(state -> givenBack(page, state))
                        .thenReturn(page.on(Event.DONE))
                        .onErrorResume(IngestException.class, e -> Mono.just(page.on(Event.FAILED, e)))
                : Mono.just(page);
    }

    private void givenBack(PageInHand page, PageState state) {
        if (state == PageState.QUARANTINED) {
            metrics.quarantined(page.captured() != null);
            LOG.error("event=page_quarantined {} cause={}", page.lease(), String.valueOf(page.failure()));
        }
    }

    /**
     * Holds the lease while the page is worked on. Errors when the page has become another worker's, and when no renewal
     * was heard of for so long that it may become another's: one that counts was asked for at most a sixth of a lease
     * before it is heard of, and this ends three quarters of one later. Timers run on the monotonic clock.
     */
    private Mono<PageInHand> lost(Lease lease) {
        Mono<Boolean> renewed = Mono.defer(() -> ledger.renew(lease))
                .thenReturn(true)
                .timeout(heardOf())
                .onErrorResume(IngestPipeline::mayPass, e -> Mono.empty());
        return Flux.interval(limits.lease().dividedBy(3))
                .onBackpressureDrop()
                .concatMap(tick -> renewed, 1)
                .timeout(
                        limits.lease().multipliedBy(3).dividedBy(4),
                        Mono.error(() -> new LeaseLost(lease + ": not renewed in time, stopped before the lease ends")))
                .then(Mono.never());
    }

    /** A lease or renewal that takes longer is not relied on: too much of it may be over. */
    private Duration heardOf() {
        return limits.lease().dividedBy(6);
    }

    private PageEnding ended(PageInHand page) {
        Throwable failure = page.failure();
        if (failure != null) {
            return failed(page.lease(), failure);
        }
        PageEnding ending = PageEnding.complete(page.content());
        metrics.pageCompleted(page.content());
        LOG.info("event=page_complete {} users={}", ending.lease(), ending.users());
        return ending;
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

    private static boolean mayPass(Throwable e) {
        return e instanceof TimeoutException || IngestException.mayPass(e);
    }
}
