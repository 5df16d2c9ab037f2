package io.tributary.ingest.source.pace;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.tributary.ingest.model.FetchedPage;
import io.tributary.ingest.model.IngestException;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.SourceFailed;
import io.tributary.ingest.model.PageRequest;
import io.tributary.ingest.source.PageSource;
import io.tributary.ingest.source.pace.Pace.Outcome;
import io.tributary.ingest.source.pace.Pace.Permit;
import io.tributary.ingest.source.pace.Pace.Role;
import io.tributary.ingest.source.pace.Pace.Wait;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;

/**
 * A source that is asked no faster than it takes. Three judges stand before each request, the cheapest first: how many at
 * once (this instance, by latency and failures), whether the source is in trouble (this instance, a circuit breaker), and
 * the quota (all instances, {@link Pace}).
 *
 * <p>Who would have to wait longer than the patience is refused at once with a {@code TRANSIENT} failure, which costs a page
 * no attempt; {@link #isOpen} is false for as long.
 */
public final class PacedSource implements PageSource {
    private static final Logger LOG = LoggerFactory.getLogger(PacedSource.class);
    /** A source that says it wants more is asked again nevertheless. */
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);
    /** A shorter wait is spent here, so that the first moment of a window is not missed. */
    private static final Duration BRIEF = Duration.ofSeconds(1);

    private static final Duration LOOK = Duration.ofMillis(Pace.LOOK_MS);
    private static final int LOST_CONNECTIONS = 2;
    private static final Duration AFTER_LOST_CONNECTION = Duration.ofMillis(100);
    private static final int JUDGED_CALLS = 8;
    private static final int LEAST_CALLS = 3;
    private static final Duration FIRST_TROUBLE = Duration.ofSeconds(3);
    private static final Duration LONGEST_TROUBLE = Duration.ofMinutes(1);
    /** A source that is well answers for one user by far sooner. */
    private static final Duration QUESTION = Duration.ofSeconds(5);

    private final PageSource target;
    private final SharedPace pace;
    private final Duration patience;
    private final Scheduler timer;
    private final DoubleSupplier random;
    private final PaceListener listener;
    private final CircuitBreaker breaker;
    private final Sinks.Many<Boolean> freed = Sinks.many().multicast().directBestEffort();
    private final ConcurrencyLimit limit; // guarded by this
    private int inFlight; // guarded by this
    private long closedUntilMs; // guarded by this

    /** A request that may be sent, and when it was; for a page, or only to see whether the source answers. */
    private record Sent(Permit permit, long atNanos, boolean isForPage) {}

    /** A request failed, and it is open whose fault that is. */
    private static final class Undecided extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final SourceFailed failure;

        Undecided(SourceFailed failure) {
            super(null, failure, false, false);
            this.failure = failure;
        }

        static RuntimeException orKnown(SourceFailed failure) {
            return Blame.isOpen(failure) ? new Undecided(failure) : failure;
        }
    }

    /**
     * Paces a source.
     *
     * @param mostAtOnce requests of this instance
     * @param patience how long a fetch waits for its turn at most: a third of a lease or less
     * @param timer for waiting, and the clock
     * @param random from 0 to 1, for jitter
     */
    public PacedSource(
            PageSource target,
            SharedPace pace,
            int mostAtOnce,
            Duration patience,
            Scheduler timer,
            DoubleSupplier random,
            PaceListener listener) {
        this.target = target;
        this.pace = pace;
        this.patience = patience;
        this.timer = timer;
        this.random = random;
        this.listener = listener;
        this.limit = new AdditiveIncrease(mostAtOnce);
        this.breaker = CircuitBreaker.of(
                "source",
                CircuitBreakerConfig.custom()
                        .slidingWindowSize(JUDGED_CALLS)
                        .minimumNumberOfCalls(LEAST_CALLS)
                        .failureRateThreshold(50)
                        .permittedNumberOfCallsInHalfOpenState(1)
                        .waitIntervalFunctionInOpenState(this::trouble)
                        .clock(clock(timer))
                        .currentTimestampFunction(clock -> timer.now(TimeUnit.NANOSECONDS), TimeUnit.NANOSECONDS)
                        .writableStackTraceEnabled(false)
                        .build());
        listener.concurrency(limit.current());
    }

    /** False while nothing would be sent for longer than a moment. */
    @Override
    public synchronized boolean isOpen() {
        return closedUntilMs - nowMs() <= BRIEF.toMillis();
    }

    /**
     * As the target does, at its turn. A connection that is lost is tried again twice, in the same turn's patience. A failure is
     * of kind {@code REJECTED} also where the source fails for this page alone, see {@link Blame}.
     */
    @Override
    public Mono<FetchedPage> fetch(PageRequest page) {
        return Mono.defer(() -> {
            long deadlineMs = nowMs() + patience.toMillis();
            return Mono.usingWhen(
                            slot(deadlineMs),
                            slot -> asked(
                                            page,
                                            true,
                                            deadlineMs,
                                            target.fetch(page).onErrorMap(SourceFailed.class, Undecided::orKnown))
                                    .onErrorResume(Undecided.class, open -> blamed(page, open.failure)),
                            slot -> free(),
                            (slot, e) -> free(),
                            slot -> free())
                    .retryWhen(Retry.backoff(LOST_CONNECTIONS, AFTER_LOST_CONNECTION)
                            .jitter(0.5)
                            .scheduler(timer)
                            .filter(e -> isLostConnection(e) && nowMs() < deadlineMs)
                            .onRetryExhaustedThrow((spec, last) -> last.failure()));
        });
    }

    /** The failure of a page, after the source was asked for something else. */
    private Mono<FetchedPage> blamed(PageRequest page, SourceFailed failure) {
        PageRequest question = Blame.question(page);
        Mono<FetchedPage> answer = target.fetch(question)
                .timeout(QUESTION, Mono.error(() -> new SourceFailed(Kind.TRANSIENT, "no answer", null, null)), timer);
        return Mono.defer(() -> asked(question, false, nowMs() + patience.toMillis(), answer))
                .map(well -> Blame.ofThePage(failure))
                .onErrorReturn(IngestException.class, failure)
                .flatMap(Mono::error);
    }

    private Mono<FetchedPage> asked(PageRequest page, boolean isForPage, long deadlineMs, Mono<FetchedPage> answer) {
        return Mono.usingWhen(
                permit(page, deadlineMs).map(permit -> new Sent(permit, timer.now(TimeUnit.NANOSECONDS), isForPage)),
                sent -> answer,
                this::answered,
                this::failed,
                sent -> {
                    breaker.releasePermission();
                    return told(sent, Outcome.FAILED, Duration.ZERO);
                });
    }

    private Mono<Boolean> slot(long deadlineMs) {
        return Mono.defer(() -> isSlotTaken()
                        ? Mono.just(true)
                        : Mono.firstWithSignal(
                                this.<Boolean>waited(LOOK, deadlineMs),
                                freed.asFlux().next().then(Mono.empty())))
                .repeatWhenEmpty(again -> again);
    }

    private synchronized boolean isSlotTaken() {
        if (inFlight >= limit.current()) {
            return false;
        }
        inFlight++;
        return true;
    }

    private Mono<Void> free() {
        return Mono.fromRunnable(() -> {
            synchronized (this) {
                inFlight--;
            }
            freed.tryEmitNext(true); // one lost in a race with another costs a look
        });
    }

    private Mono<Permit> permit(PageRequest page, long deadlineMs) {
        return Mono.defer(() -> {
                    if (!breaker.tryAcquirePermission()) {
                        return this.<Permit>waited(LOOK, deadlineMs);
                    }
                    return pace.ask(page.pageUsers())
                            .onErrorMap(IngestException.class, PacedSource::unknownPace)
                            .doOnError(e -> breaker.releasePermission())
                            .doOnCancel(breaker::releasePermission)
                            .flatMap(answer -> {
                                if (answer instanceof Permit permit) {
                                    return Mono.just(permit);
                                }
                                breaker.releasePermission();
                                Duration time = Duration.ofMillis(answer instanceof Wait wait ? wait.forMs() : 0);
                                closeFor(time);
                                return waited(time, deadlineMs);
                            });
                })
                .repeatWhenEmpty(again -> again);
    }

    /** Empty after the time, to be asked again; an error at once where that is too late. */
    private <T> Mono<T> waited(Duration time, long deadlineMs) {
        if (nowMs() + time.toMillis() > deadlineMs || !isWorthWaiting()) {
            return Mono.error(() -> new SourceFailed(
                    Kind.TRANSIENT, "the source is not asked before its quota or its trouble is over", null, null));
        }
        return Mono.delay(time.plusMillis(1), timer).then(Mono.empty());
    }

    private synchronized boolean isWorthWaiting() {
        return breaker.getState() != CircuitBreaker.State.OPEN || closedUntilMs - nowMs() <= patience.toMillis();
    }

    private Mono<Void> answered(Sent sent) {
        Duration latency = Duration.ofNanos(timer.now(TimeUnit.NANOSECONDS) - sent.atNanos());
        if (sent.isForPage()) {
            synchronized (this) {
                limit.answered(latency, sent.permit().users());
                listener.concurrency(limit.current());
            }
        }
        return heard(sent);
    }

    /** The source is well. What is no page is said sooner than a page, and would make the pages look slow. */
    private Mono<Void> heard(Sent sent) {
        breaker.onSuccess(0, TimeUnit.NANOSECONDS);
        return told(sent, Outcome.ACCEPTED, Duration.ZERO);
    }

    private Mono<Void> failed(Sent sent, Throwable failure) {
        if (failure instanceof Undecided) { // the answer to the question after it counts
            breaker.releasePermission();
            return told(sent, Outcome.FAILED, Duration.ZERO);
        }
        if (!(failure instanceof SourceFailed known) || !known.isTransient()) {
            return heard(sent); // whole, and counted: it is the page that is wrong
        }
        Duration pause = known.retryAfter().map(this::sane).orElse(Duration.ZERO);
        if (!known.isOverQuota()) {
            breaker.onError(0, TimeUnit.NANOSECONDS, failure);
            slowDown();
            return told(sent, Outcome.FAILED, pause);
        }
        breaker.releasePermission();
        listener.refused();
        if (sent.permit().role() == Role.PAGE) {
            slowDown();
        }
        return told(sent, Outcome.REFUSED, pause);
    }

    private synchronized void slowDown() {
        limit.failed();
        listener.concurrency(limit.current());
    }

    /** Up to a cap, and up to a tenth longer: others were told the same time. */
    private Duration sane(Duration asked) {
        Duration capped = asked.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : asked;
        return capped.plusMillis((long) (capped.toMillis() * random.getAsDouble() / 10));
    }

    /** Nobody waits for a source because its pace could not be written down. */
    private Mono<Void> told(Sent sent, Outcome outcome, Duration pause) {
        if (!pause.isZero()) {
            closeFor(pause);
        }
        return pace.tell(sent.permit(), outcome, pause)
                .doOnNext(listener::learned)
                .onErrorResume(IngestException.class, e -> {
                    LOG.warn("event=pace_not_told outcome={} cause={}", outcome, e.toString());
                    return Mono.empty();
                })
                .then();
    }

    private void closeFor(Duration time) {
        boolean isNew;
        synchronized (this) {
            isNew = closedUntilMs <= nowMs() && time.compareTo(LOOK) > 0;
            closedUntilMs = Math.max(closedUntilMs, nowMs() + time.toMillis());
        }
        if (isNew) {
            listener.paused(time);
            if (time.compareTo(BRIEF) > 0) {
                LOG.info("event=source_paused for={}", time);
            }
        }
    }

    /** How long the circuit stays open: 3, 6, 12 .. 60 s, up to a quarter less or more. */
    private long trouble(int timesInARow) {
        long doubledMs = FIRST_TROUBLE.toMillis() << Math.min(timesInARow - 1, 5);
        long ms = (long) (Math.min(doubledMs, LONGEST_TROUBLE.toMillis()) * (0.75 + random.getAsDouble() / 2));
        closeFor(Duration.ofMillis(ms));
        return ms;
    }

    private long nowMs() {
        return timer.now(TimeUnit.MILLISECONDS);
    }

    private static boolean isLostConnection(Throwable e) {
        return e instanceof SourceFailed failed && failed.isTransient() && failed.getCause() != null;
    }

    private static SourceFailed unknownPace(IngestException e) {
        return new SourceFailed(Kind.TRANSIENT, "the source's pace is not known: " + e.getMessage(), null, null);
    }

    private static Clock clock(Scheduler timer) {
        return new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                throw new UnsupportedOperationException("only instants");
            }

            @Override
            public Instant instant() {
                return Instant.ofEpochMilli(timer.now(TimeUnit.MILLISECONDS));
            }
        };
    }
}
