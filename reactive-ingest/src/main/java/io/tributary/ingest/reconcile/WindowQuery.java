package io.tributary.ingest.reconcile;

import java.time.Duration;
import java.util.Optional;

/**
 * The newest windows, at most {@code limit}: those that are counted, or longer ones made of them.
 *
 * @param size width of the windows; empty for those that are counted
 * @param slide from the start of one window to the next, so that windows overlap where it is shorter; empty for {@code size}
 */
public record WindowQuery(int limit, Optional<Duration> size, Optional<Duration> slide) {
    /** Those that are counted. */
    public static WindowQuery counted(int limit) {
        return new WindowQuery(limit, Optional.empty(), Optional.empty());
    }
}
