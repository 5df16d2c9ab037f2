package io.tributary.ingest.model;

/** {@code RUNNING} until no page is open any more; the others are final. */
public enum RunState {
    RUNNING,
    /** Every page is complete. */
    COMPLETE,
    /** Ended with quarantined pages. */
    INCOMPLETE,
    CANCELLED;

    public boolean isFinal() {
        return this != RUNNING;
    }
}
