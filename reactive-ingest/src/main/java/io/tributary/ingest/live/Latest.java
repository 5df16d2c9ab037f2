package io.tributary.ingest.live;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/** The last answer to a question that is asked again and again. One writes, others read. */
final class Latest<T> {
    private final Scheduler scheduler;
    private volatile @Nullable Answer<T> answer;

    private record Answer<T>(T value, long atMs) {}

    Latest(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    void set(T value) {
        answer = new Answer<>(value, scheduler.now(TimeUnit.MILLISECONDS));
    }

    /** There is none: the question failed. */
    void forget() {
        answer = null;
    }

    /** However old. */
    Optional<T> value() {
        Answer<T> last = answer;
        return last == null ? Optional.empty() : Optional.of(last.value);
    }

    Optional<T> within(Duration age) {
        Answer<T> last = answer;
        return last == null || scheduler.now(TimeUnit.MILLISECONDS) - last.atMs > age.toMillis()
                ? Optional.empty()
                : Optional.of(last.value);
    }
}
