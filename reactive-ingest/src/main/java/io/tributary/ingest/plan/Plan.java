package io.tributary.ingest.plan;

import org.jspecify.annotations.Nullable;

/**
 * What a run would be.
 *
 * @param pages of the run
 * @param seed asked for; null: the run would get one of its own
 * @param asked users of the page that was fetched
 * @param users of it that would go on
 * @param deadLetters of it
 * @param bodyBytes of its body, inflated
 * @param subject of the records' schema
 * @param compatible the registry would take the schema
 */
public record Plan(
        int pages,
        @Nullable String seed,
        int asked,
        int users,
        int deadLetters,
        int bodyBytes,
        String subject,
        boolean compatible) {}
