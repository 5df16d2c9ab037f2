package io.tributary.ingest.model;

import java.time.Instant;

/**
 * Who works on a page now. Every write for the page names the epoch; the ledger refuses it once the epoch has moved on.
 *
 * @param epoch the fencing number
 * @param captured true when the page was captured before, by anyone: it is read back, never fetched again
 * @param windowStart of the run, inclusive
 * @param windowEnd of the run, exclusive
 */
public record Lease(PageRequest request, long epoch, boolean captured, Instant windowStart, Instant windowEnd) {
    @Override
    public String toString() {
        return "run=" + request.runId() + " page=" + request.page() + " epoch=" + epoch;
    }
}
