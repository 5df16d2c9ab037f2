package io.tributary.ingest.model;

import org.jspecify.annotations.Nullable;

/**
 * One answer of the source, not durable yet.
 *
 * @param body as the source sent it, less the transfer's compression
 * @param gzip the same as it was transferred; null where the transfer was not compressed
 */
public record FetchedPage(byte[] body, ParsedPage users, byte @Nullable [] gzip) {
    /** A page that was transferred as it is. */
    public FetchedPage(byte[] body, ParsedPage users) {
        this(body, users, null);
    }
}
