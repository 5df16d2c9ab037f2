package io.tributary.schemas;

import java.time.Instant;
import java.util.UUID;

/**
 * One user at its place in one captured page; the record on the topic. {@code (runId, page, position)} is the key for
 * counting.
 *
 * @param page within the run, from 1
 * @param position within the page, 0 to {@code pageUsers - 1}
 * @param pageUsers users asked for in the page, 1 to 5,000
 * @param capturedAt event time, the ledger's clock at the capture, whole milliseconds
 * @param windowStart of the run, inclusive
 * @param windowEnd of the run, exclusive
 */
public record UserEvent(
        UUID runId,
        int page,
        int position,
        int pageUsers,
        Instant capturedAt,
        Instant windowStart,
        Instant windowEnd,
        User user) {}
