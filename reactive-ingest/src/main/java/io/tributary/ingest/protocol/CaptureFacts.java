package io.tributary.ingest.protocol;

import java.time.Instant;

/**
 * What a capture says of a page, once and for all.
 *
 * @param capturedAt event time of all its users, the ledger's clock in whole milliseconds
 * @param bodyBytes length of the response as the source sent it
 * @param bodySha256 of the same bytes, in hex
 * @param encoder version of the encoding that the digest is taken over
 * @param users that go on
 * @param digest of them
 */
public record CaptureFacts(Instant capturedAt, int bodyBytes, String bodySha256, int encoder, int users, long digest) {}
