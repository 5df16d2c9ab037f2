package io.tributary.etl;

/** What the caller's shell is told; the texts are shown by {@code --help}. */
enum ExitCode {
    OK(0, "done; with a run: it is complete and all four stores agree"),
    DIFFERS(
            1,
            "a store differs, pages were given up, a run was cancelled, a replay failed, or a plan's schema does not fit"),
    USAGE(2, "wrong options, or the control API refuses what was asked"),
    BROKEN(3, "the stack is not up or does not work"),
    /** Given by the JVM, not by us. */
    INTERRUPTED(130, "ended by Ctrl-C (143: by SIGTERM)");

    private final int code;
    private final String meaning;

    ExitCode(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    int code() {
        return code;
    }

    String meaning() {
        return meaning;
    }
}
