package io.tributary.ingest.replay;

/** A replay that was not begun. The message is for the caller. */
public final class ReplayRefused extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Why. */
    public enum Reason {
        /** This run is being published again already. */
        RUNNING,
        /** As many replays as may are running. */
        BUSY,
        /** No topic for records. */
        TOPIC
    }

    private final Reason reason;
    private final String words;

    ReplayRefused(Reason reason, String words) {
        super(words, null, false, false);
        this.reason = reason;
        this.words = words;
    }

    public Reason reason() {
        return reason;
    }

    /** For the caller. */
    public String words() {
        return words;
    }
}
