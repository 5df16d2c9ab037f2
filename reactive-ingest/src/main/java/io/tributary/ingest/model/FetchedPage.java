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

    /** Whether bytes begin as gzip does (RFC 1952): JSON, and what zstd compressed, begin otherwise. */
    public static boolean isGzip(byte[] bytes) {
        return bytes.length >= 2 && bytes[0] == (byte) 0x1F && bytes[1] == (byte) 0x8B;
    }
}
