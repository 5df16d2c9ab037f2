package io.tributary.stream;

/** What was found at the start is not what this stream may work on: the message names it and what to do. Never mends itself. */
final class StartRefused extends Exception {
    private static final long serialVersionUID = 1;

    StartRefused(String message) {
        super(message);
    }
}
