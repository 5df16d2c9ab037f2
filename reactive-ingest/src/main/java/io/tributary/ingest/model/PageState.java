package io.tributary.ingest.model;

/**
 * Where a page is. The ledger's trigger enforces the table.
 *
 * <pre>
 * from \ to     PLANNED      LEASED   CAPTURED   COMPLETE       QUARANTINED
 * PLANNED                    lease
 * LEASED        give back    renew    capture                   5th failure
 * CAPTURED                            renew      both sinks     5th refusal by a sink
 * COMPLETE      final: nothing changes any more
 * </pre>
 */
public enum PageState {
    PLANNED,
    LEASED,
    CAPTURED,
    COMPLETE,
    QUARANTINED
}
