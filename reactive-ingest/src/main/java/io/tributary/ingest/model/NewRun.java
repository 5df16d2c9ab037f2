package io.tributary.ingest.model;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is asked for when a run is created; valid by the time it is one of these. See {@link Run} for units.
 *
 * @param maxRunTime whole seconds, after which the run stops like a cancel; null: none
 */
public record NewRun(
        String idempotencyKey,
        Instant windowStart,
        Instant windowEnd,
        int users,
        int pageSize,
        @Nullable String seed,
        List<String> nationalities,
        @Nullable String gender,
        @Nullable Duration maxRunTime) {
    /** Without a maximum run time. */
    public NewRun(
            String idempotencyKey,
            Instant windowStart,
            Instant windowEnd,
            int users,
            int pageSize,
            @Nullable String seed,
            List<String> nationalities,
            @Nullable String gender) {
        this(idempotencyKey, windowStart, windowEnd, users, pageSize, seed, nationalities, gender, null);
    }
}
