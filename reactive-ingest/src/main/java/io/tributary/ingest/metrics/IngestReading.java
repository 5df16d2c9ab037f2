package io.tributary.ingest.metrics;

import io.tributary.ingest.metrics.IngestMetrics.Stage;
import java.time.Duration;
import java.util.Map;

/**
 * This process at one moment. Counts and busy times only grow, so that rates and means are differences of two readings.
 *
 * @param nanos of a monotonic clock
 * @param slotsBusyNanos how long all slots together have had a page
 * @param stages every one
 */
public record IngestReading(long nanos, long slotsBusyNanos, Map<Stage, OfStage> stages, OfSource source) {

    /**
     * One stage.
     *
     * @param users of pages that it let through
     * @param pages that have left it, whatever their end
     * @param busyNanos how long all pages together have been inside
     * @param inside pages now
     * @param failing whether its last attempt failed in a way that may pass
     */
    public record OfStage(long users, long pages, long busyNanos, int inside, boolean failing) {}

    /**
     * The pace of the source.
     *
     * @param concurrency requests that this instance sends at once
     * @param quotaUsers learned, of a period; 0: unknown
     * @param quotaPeriodMs learned; 0: unknown
     * @param refused requests since the start
     * @param pauses since the start
     * @param pause what is left of the present one, zero when there is none
     */
    public record OfSource(
            int concurrency, long quotaUsers, long quotaPeriodMs, long refused, long pauses, Duration pause) {}
}
