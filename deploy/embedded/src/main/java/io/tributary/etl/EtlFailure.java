package io.tributary.etl;

import org.jspecify.annotations.Nullable;

/** Ends the command with a message of one line, fit for a terminal, and an exit code. Anything else thrown is a bug. */
class EtlFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ExitCode exit;

    EtlFailure(ExitCode exit, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.exit = exit;
    }

    static EtlFailure usage(String message) {
        return new EtlFailure(ExitCode.USAGE, message, null);
    }

    static EtlFailure broken(String message, @Nullable Throwable cause) {
        return new EtlFailure(ExitCode.BROKEN, message, cause);
    }

    ExitCode exit() {
        return exit;
    }

    /** The message, never null. */
    String words() {
        String message = getMessage();
        return message == null ? getClass().getSimpleName() : message;
    }
}
