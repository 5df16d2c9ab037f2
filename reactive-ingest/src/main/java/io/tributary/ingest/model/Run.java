package io.tributary.ingest.model;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One bounded burst for one window, as the ledger holds it.
 *
 * @param windowStart inclusive
 * @param windowEnd exclusive
 * @param users planned, 1 to 10,000,000
 * @param pageSize users a page, the last page may be smaller; 1 to 5,000
 */
public record Run(
        UUID id,
        RunState state,
        Instant windowStart,
        Instant windowEnd,
        int users,
        int pageSize,
        @Nullable String seed,
        List<String> nationalities,
        @Nullable String gender,
        Instant createdAt,
        @Nullable Instant finishedAt) {

    public int pages() {
        return (users + pageSize - 1) / pageSize;
    }
}
