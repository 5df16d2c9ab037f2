package io.tributary.ingest.model;

import java.time.Duration;
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
 * @param maxRunTime null: none
 * @param cause why it was stopped; null when it was not
 * @param sourceVersion {@code info.version} of its first captured page; null before, and where the source names none
 * @param flag what an operator should know, such as another version of the source in the middle of the run; mostly null
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
        @Nullable Instant finishedAt,
        @Nullable Duration maxRunTime,
        @Nullable String cause,
        @Nullable String sourceVersion,
        @Nullable String flag) {

    /** A run without a maximum run time, of which nothing unusual is known. */
    public Run(
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
        this(
                id,
                state,
                windowStart,
                windowEnd,
                users,
                pageSize,
                seed,
                nationalities,
                gender,
                createdAt,
                finishedAt,
                null,
                null,
                null,
                null);
    }

    public int pages() {
        return (users + pageSize - 1) / pageSize;
    }
}
