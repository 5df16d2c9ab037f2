package io.tributary.ingest.replay;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A run that is published again, as it stands now.
 *
 * @param pages published so far
 * @param pagesTotal of the run, captured or not
 * @param records acknowledged so far
 * @param cause why it failed
 */
public record Replay(
        UUID id,
        UUID run,
        String topic,
        State state,
        int pages,
        int pagesTotal,
        long records,
        Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable String cause) {

    /** All but {@code RUNNING} are final. */
    public enum State {
        RUNNING,
        /** Every captured page was published. */
        COMPLETE,
        FAILED,
        /** The service was stopped. */
        CANCELLED
    }

    Replay published(int users) {
        return new Replay(id, run, topic, state, pages + 1, pagesTotal, records + users, startedAt, null, null);
    }

    Replay ended(State ending, Instant at, @Nullable String why) {
        return new Replay(id, run, topic, ending, pages, pagesTotal, records, startedAt, at, why);
    }
}
