package io.tributary.ingest.model;

/**
 * Where a page is. The ledger's trigger enforces the table.
 *
 * <pre>
 * from \ to     PLANNED      LEASED   CAPTURED   COMPLETE       QUARANTINED
 * PLANNED                    take
 * LEASED        give back    renew    capture                   5th failure
 * CAPTURED                            renew      both sinks     5th refusal by a sink
 * QUARANTINED   redrive               redrive
 * COMPLETE      final: nothing changes any more
 * </pre>
 *
 * <p>The moves are decided by {@code protocol.PageMove}.
 */
public enum PageState {
    PLANNED,
    LEASED,
    CAPTURED,
    COMPLETE,
    QUARANTINED
}
