package io.tributary.ingest.protocol;

/** The ledger's answer to a move. Only {@link Next} changes anything. */
public sealed interface Decision {
    /** The move is made: this is what the ledger holds of the page from now on. */
    record Next(PageEntry page) implements Decision {}

    /** What the move asks for is so already; a repeat is harmless. */
    record Already() implements Decision {}

    /** Nothing may be changed. */
    record Refused(Why why) implements Decision {}

    /** The reason of a refusal. */
    enum Why {
        /** The epoch is another's by now, or the page has ended. */
        MOVED_ON,
        /** Somebody holds it, or it waits. */
        NOT_FREE,
        /** The run asks for no further page. */
        NOT_WANTED,
        /** The step before is missing. */
        TOO_EARLY,
        /** The event time is not the ledger's clock at the capture. */
        WRONG_TIME
    }
}
