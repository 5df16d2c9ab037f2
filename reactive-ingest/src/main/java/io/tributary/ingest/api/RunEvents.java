package io.tributary.ingest.api;

import io.tributary.ingest.model.IngestException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;
import reactor.core.scheduler.Scheduler;

/**
 * What listeners of a run are told, as server-sent events. All listeners of one run share one look at it every {@code
 * limits.poll()}; nobody looks when nobody listens. A listener that is slow gets the newest state next and what was between
 * never: one state is held for it, not a queue.
 */
final class RunEvents {
    private static final Logger LOG = LoggerFactory.getLogger(RunEvents.class);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final int MOST_DOUBLINGS = 10;

    private final RunViews views;
    private final ApiLimits limits;
    private final Scheduler scheduler;
    private final Map<UUID, Flux<Look>> shared = new ConcurrentHashMap<>();

    RunEvents(RunViews views, ApiLimits limits, Scheduler scheduler) {
        this.views = views;
        this.limits = limits;
        this.scheduler = scheduler;
    }

    /** What a look at the run gave. {@code run} is what was seen last, null when nothing was yet. */
    private record Look(@Nullable String run, Sight sight) {
        boolean isLast() {
            return sight == Sight.SETTLED || sight == Sight.GIVEN_UP;
        }

        /** A failed look keeps what was seen before it, as a slow listener may not have got that yet. */
        Look then(Look next) {
            return next.run == null ? new Look(run, next.sight) : next;
        }
    }

    private enum Sight {
        CHANGING,
        SETTLED,
        /** The ledger did not answer this time. */
        SILENT,
        /** It has not for {@code limits.outage()}. */
        GIVEN_UP
    }

    /**
     * Cold, one for each listener: complete events and comments, each ready to be sent. Ends after the event that says
     * settled; errors with a problem when there is no such run, and with anything unforeseen.
     */
    Flux<String> listen(UUID id) {
        return Flux.defer(() -> {
            Listener listener = new Listener();
            return shared.computeIfAbsent(id, this::share)
                    .onBackpressureLatest()
                    .handle(listener::tell);
        });
    }

    /** A newcomer may find the entry of listeners that just left: then two looks go on beside each other for a while. */
    private Flux<Look> share(UUID id) {
        return looks(id).doFinally(end -> shared.remove(id)).replay(1).refCount();
    }

    private Flux<Look> looks(UUID id) {
        return Flux.defer(() -> {
                    Pace pace = new Pace(id);
                    return views.view(id)
                            .switchIfEmpty(Mono.error(() -> Problem.notFound("there is no such run")))
                            .timeout(limits.answer(), scheduler)
                            .map(RunEvents::look)
                            .doOnNext(pace::answered)
                            .onErrorResume(RunEvents::isForeseen, pace::failed)
                            .repeatWhen(rounds -> rounds.concatMap(round -> Mono.delay(pace.pause(), scheduler), 1));
                })
                .scan(Look::then)
                .distinctUntilChanged()
                .takeUntil(Look::isLast);
    }

    private static Look look(RunView view) {
        return new Look(
                RunJson.bytes(RunJson.run(view)).toString(StandardCharsets.UTF_8),
                view.settled() ? Sight.SETTLED : Sight.CHANGING);
    }

    private static boolean isForeseen(Throwable failure) {
        return failure instanceof IngestException || failure instanceof TimeoutException;
    }

    /** When to look again: soon after an answer, later and later after failures. One look at a time touches it. */
    private final class Pace {
        private final UUID id;
        private int failures;
        private long failingSinceMs;

        Pace(UUID id) {
            this.id = id;
        }

        void answered(Look look) {
            failures = 0;
        }

        Mono<Look> failed(Throwable failure) {
            long nowMs = scheduler.now(TimeUnit.MILLISECONDS);
            if (failures == 0) {
                failingSinceMs = nowMs;
                LOG.warn("event=look-failed run={} reason={}", id, failure.toString());
            }
            failures++;
            boolean over = nowMs - failingSinceMs >= limits.outage().toMillis();
            return Mono.just(new Look(null, over ? Sight.GIVEN_UP : Sight.SILENT));
        }

        Duration pause() {
            Duration pause = limits.poll().multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS));
            return failures > 0 && pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
        }
    }

    /** What one listener has been told already. */
    private static final class Listener {
        private @Nullable String told;
        private Sight sight = Sight.CHANGING;

        void tell(Look look, SynchronousSink<String> frames) {
            String frame = event(look) + comment(look);
            told = look.run();
            sight = look.sight();
            if (!frame.isEmpty()) {
                frames.next(frame);
            }
        }

        private String event(Look look) {
            if (look.sight() == Sight.SETTLED) {
                return "event: settled\ndata: " + look.run() + "\n\n";
            }
            return look.run() == null || look.run().equals(told) ? "" : "event: progress\ndata: " + look.run() + "\n\n";
        }

        private String comment(Look look) {
            return switch (look.sight()) {
                case SILENT -> sight == Sight.SILENT ? "" : ": the ledger does not answer, it is asked again\n\n";
                case GIVEN_UP -> ": the ledger does not answer, come again later\n\n";
                case CHANGING, SETTLED -> "";
            };
        }
    }
}
