package io.tributary.ingest.source.pace;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** The pace in memory: for one instance, or for several of one test. */
final class LocalPace extends SharedPace {
    private final Pace pace = new Pace();
    private final Scheduler clock;

    LocalPace(Duration longestRequest, Scheduler clock) {
        super(longestRequest);
        this.clock = clock;
    }

    @Override
    <T> Mono<T> use(Use<T> use) {
        return Mono.fromSupplier(() -> {
            synchronized (pace) {
                return use.of(pace, clock.now(TimeUnit.MILLISECONDS));
            }
        });
    }
}
