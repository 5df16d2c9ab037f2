package io.tributary.ingest.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.IngestException;
import io.tributary.ingest.source.pace.PaceListener;
import io.tributary.ingest.source.pace.SharedPace;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Mono;

/**
 * Every meter of the service; no other file names one. Of one process since its start, where no page changes hands:
 *
 * <pre>
 * pages.leased   = pages.completed + pages.failed + pages.in.flight
 * pages.captured = pages.completed + pages.quarantined{captured="true"} + captured pages that are still open
 * users.captured = users.published + dead.letters + users of captured pages that are not complete
 * </pre>
 *
 * Over all processes the last two hold of the ledger, which these counters equal: a page is captured once and complete once,
 * whoever does it.
 */
public final class IngestMetrics {
    private static final String PREFIX = "tributary.ingest.";
    /** A failure that nothing has repeated for so long says nothing about now: the page may have been cancelled. */
    private static final Duration FAILURE_FORGOTTEN = Duration.ofMinutes(1);

    private static final long NEVER = Long.MIN_VALUE;

    private final MeterRegistry registry;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final Occupancy slots = new Occupancy();
    private final Map<Stage, StageMeters> stages = new EnumMap<>(Stage.class);
    private final Pacing pacing = new Pacing();
    private final Counter pagesLeased;
    private final Counter pagesCaptured;
    private final Counter pagesCompleted;
    private final Counter pagesFailed;
    private final Counter usersCaptured;
    private final Counter usersPublished;
    private final Counter recordsAcknowledged;
    private final Counter deadLetters;
    private final Timer captureToComplete;

    public IngestMetrics(MeterRegistry registry) {
        this.registry = registry;
        Gauge.builder(PREFIX + "pages.in.flight", inFlight, AtomicInteger::get)
                .description("Pages between lease and end")
                .strongReference(true)
                .register(registry);
        for (Stage stage : Stage.values()) {
            stages.put(
                    stage,
                    new StageMeters(
                            Counter.builder(PREFIX + "stage.users")
                                    .description("Users of pages that the stage let through, repeats included")
                                    .tag("stage", label(stage))
                                    .register(registry),
                            new Occupancy(),
                            new AtomicLong(NEVER)));
            Gauge.builder(PREFIX + "stage.failing", () -> isFailing(stage) ? 1 : 0)
                    .description("1 while the stage's last attempt failed in a way that may pass")
                    .tag("stage", label(stage))
                    .strongReference(true)
                    .register(registry);
        }
        pagesLeased = counter("pages.leased", "Leases taken");
        pagesCaptured = counter("pages.captured", "Pages whose response this process made durable");
        pagesCompleted = counter("pages.completed", "Pages acknowledged by both sinks");
        pagesFailed = counter("pages.failed", "Leases that ended without a complete page");
        usersCaptured = counter("users.captured", "Users of captured pages, dead letters included");
        usersPublished = counter("users.published", "Users of complete pages: their records are acknowledged");
        recordsAcknowledged = counter("records.acknowledged", "Records that Kafka acknowledged, repeats included");
        deadLetters = counter("dead.letters", "Users set aside at the capture");
        captureToComplete = Timer.builder(PREFIX + "capture.to.complete")
                .description("From a page's event time, by the ledger's clock, until both sinks have it")
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(1))
                .maximumExpectedValue(Duration.ofHours(1))
                .register(registry);
    }

    /** What the pace of the source tells; see {@link PaceListener}. */
    public PaceListener pace() {
        gauge("source.concurrency", "Requests that this instance sends at once", pacing.concurrency);
        gauge("source.quota.users", "Learned size of the source's quota, 0: unknown", pacing.quotaUsers);
        gauge("source.quota.period.ms", "Learned period of the source's quota, 0: unknown", pacing.quotaPeriodMs);
        Counter refused = counter("source.refused", "Requests that the source refused for its quota");
        Counter pauses = counter("source.pauses", "Times this instance stopped asking the source");
        return new PaceListener() {
            @Override
            public void refused() {
                refused.increment();
                pacing.refused.incrementAndGet();
            }

            @Override
            public void paused(Duration time) {
                pauses.increment();
                pacing.pauses.incrementAndGet();
                pacing.pausedUntilNanos.set(nowNanos() + time.toNanos());
            }

            @Override
            public void learned(SharedPace.Learned quota) {
                pacing.quotaUsers.set((int) Math.min(Integer.MAX_VALUE, quota.users()));
                pacing.quotaPeriodMs.set((int) Math.min(Integer.MAX_VALUE, quota.periodMs()));
            }

            @Override
            public void concurrency(int requests) {
                pacing.concurrency.set(requests);
            }
        };
    }

    private void gauge(String name, String description, AtomicInteger value) {
        Gauge.builder(PREFIX + name, value, AtomicInteger::get)
                .description(description)
                .strongReference(true)
                .register(registry);
    }

    /** Everything that somebody who looks on needs, at one moment. */
    public IngestReading reading() {
        long now = nowNanos();
        Map<Stage, IngestReading.OfStage> read = new EnumMap<>(Stage.class);
        stages.forEach((stage, meters) -> read.put(
                stage,
                new IngestReading.OfStage(
                        (long) meters.users.count(),
                        timer(stage).count(),
                        meters.occupancy.busyNanos(now),
                        meters.occupancy.inside(),
                        isFailing(stage))));
        return new IngestReading(now, slots.busyNanos(now), read, pacing.at(now));
    }

    private Counter counter(String name, String description) {
        return Counter.builder(PREFIX + name).description(description).register(registry);
    }

    public void pageStarted() {
        pagesLeased.increment();
        inFlight.incrementAndGet();
        slots.enter(nowNanos());
    }

    public void pageCompleted(CapturedPage page) {
        pagesCompleted.increment();
        usersPublished.increment(page.events().size());
        captureToComplete.record(Duration.ofMillis(
                registry.config().clock().wallTime() - page.capturedAt().toEpochMilli()));
        inFlight.decrementAndGet();
        slots.leave(nowNanos());
    }

    /**
     * A page was given up.
     *
     * @param captured whether its response is kept
     */
    public void quarantined(boolean captured) {
        Counter.builder(PREFIX + "pages.quarantined")
                .description("Pages given up after their attempts")
                .tag("captured", Boolean.toString(captured))
                .register(registry)
                .increment();
    }

    public void pageFailed() {
        pagesFailed.increment();
        inFlight.decrementAndGet();
        slots.leave(nowNanos());
    }

    public void captured(CapturedPage page) {
        pagesCaptured.increment();
        usersCaptured.increment(page.events().size() + page.dead().size());
        deadLetters.increment(page.dead().size());
    }

    public void acknowledged(CapturedPage page) {
        recordsAcknowledged.increment(page.events().size());
    }

    /**
     * The same Mono, with its time from subscription to any end under the stage's name, and whether it failed.
     *
     * @param users of the page, counted when the stage is done with it
     */
    public <T> Mono<T> timed(Stage stage, int users, Mono<T> work) {
        return Mono.defer(() -> {
            StageMeters meters = of(stage);
            Timer.Sample started = Timer.start(registry);
            meters.occupancy.enter(nowNanos());
            return work.doOnSuccess(done -> meters.passed(users))
                    .doOnError(IngestException::mayPass, e -> meters.failedAt.set(nowNanos()))
                    .doFinally(end -> {
                        meters.occupancy.leave(nowNanos());
                        started.stop(timer(stage));
                    });
        });
    }

    /** True while the stage's last attempt failed in a way that may pass: its server refuses though it may answer. */
    public boolean isFailing(Stage stage) {
        long failed = of(stage).failedAt.get();
        return failed != NEVER && nowNanos() - failed < FAILURE_FORGOTTEN.toNanos();
    }

    private StageMeters of(Stage stage) {
        return Objects.requireNonNull(stages.get(stage), "every stage has its meters");
    }

    private long nowNanos() {
        return registry.config().clock().monotonicTime();
    }

    private static String label(Stage stage) {
        return stage.name().toLowerCase(Locale.ROOT);
    }

    private Timer timer(Stage stage) {
        return Timer.builder(PREFIX + "stage")
                .description("Time of one page in a stage, whatever its end")
                .tag("stage", label(stage))
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(1))
                .maximumExpectedValue(Duration.ofMinutes(2))
                .register(registry);
    }

    /** The stations of a page that are timed. */
    public enum Stage {
        FETCH,
        CAPTURE,
        STORE,
        PUBLISH
    }

    private record StageMeters(Counter users, Occupancy occupancy, AtomicLong failedAt) {
        void passed(int pageUsers) {
            users.increment(pageUsers);
            failedAt.set(NEVER);
        }
    }

    /** What was heard of the source's pace last. */
    private static final class Pacing {
        final AtomicInteger concurrency = new AtomicInteger();
        final AtomicInteger quotaUsers = new AtomicInteger();
        final AtomicInteger quotaPeriodMs = new AtomicInteger();
        final AtomicLong refused = new AtomicLong();
        final AtomicLong pauses = new AtomicLong();
        final AtomicLong pausedUntilNanos = new AtomicLong(NEVER);

        IngestReading.OfSource at(long nowNanos) {
            long until = pausedUntilNanos.get();
            return new IngestReading.OfSource(
                    concurrency.get(),
                    quotaUsers.get(),
                    quotaPeriodMs.get(),
                    refused.get(),
                    pauses.get(),
                    until == NEVER ? Duration.ZERO : Duration.ofNanos(Math.max(0, until - nowNanos)));
        }
    }
}
