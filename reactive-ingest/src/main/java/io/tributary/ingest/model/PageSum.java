package io.tributary.ingest.model;

import io.tributary.schemas.Digest;
import java.time.Instant;

/** What the ledger, or a store, says of one page: its users that went on, and their digest. */
public record PageSum(int page, int pageUsers, Instant capturedAt, Digest digest) {}
