package io.tributary.ingest.model;

/**
 * One answer of the source, not durable yet.
 *
 * @param body as the source sent it, less the transfer's compression
 */
public record FetchedPage(byte[] body, ParsedPage users) {}
