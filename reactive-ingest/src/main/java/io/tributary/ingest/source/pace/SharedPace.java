package io.tributary.ingest.source.pace;

import io.tributary.ingest.source.pace.Pace.Answer;
import io.tributary.ingest.source.pace.Pace.Outcome;
import io.tributary.ingest.source.pace.Pace.Permit;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** The {@link Pace} of a source, wherever it is kept. All are cold and error with an {@code IngestException}. */
public abstract class SharedPace {
    private final long longestRequestMs;

    /** Nobody waits longer than {@code longestRequest} for a request that another instance sent. */
    SharedPace(Duration longestRequest) {
        this.longestRequestMs = longestRequest.toMillis();
    }

    /** A use of the pace at a time of its clock, milliseconds since 1970. */
    interface Use<T> {
        T of(Pace pace, long nowMs);
    }

    /** One use after another, whoever asks: what it changes is there for the next. */
    abstract <T> Mono<T> use(Use<T> use);

    Mono<Answer> ask(int users) {
        return use((pace, nowMs) -> pace.ask(nowMs, users, longestRequestMs));
    }

    /** How a request ended, and when the source wants the next; answers what is learned, for those that look on. */
    Mono<Learned> tell(Permit permit, Outcome outcome, Duration pause) {
        return use((pace, nowMs) -> {
            pace.tell(nowMs, permit, outcome);
            if (!pause.isZero()) {
                pace.pause(nowMs + pause.toMillis());
            }
            return new Learned(pace.capUsers, pace.longestMs);
        });
    }

    /**
     * What is known of the quota, 0 is unknown.
     *
     * @param users in a window
     * @param periodMs of a window
     */
    public record Learned(long users, long periodMs) {
        static final Learned NOTHING = new Learned(0, 0);
    }
}
