package io.tributary.embedded;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The stack, or one part of it, can not be started or kept running. The message is one line fit for a terminal. */
public final class StackFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final EmbeddedStack.@Nullable Part part;
    private final transient @Nullable Path log;

    private StackFailed(
            EmbeddedStack.@Nullable Part part, @Nullable Path log, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.part = part;
        this.log = log;
    }

    /** One part did not come up or did not stay up; its own words are in {@code log}. */
    static StackFailed of(EmbeddedStack.Part part, Path log, String why, @Nullable Throwable cause) {
        return new StackFailed(part, log, part.label() + ": " + why + "; its log: " + log, cause);
    }

    /** Nothing was started: wrong options, a folder in use, a project that is not built. */
    static StackFailed before(String why, @Nullable Throwable cause) {
        return new StackFailed(null, null, why, cause);
    }

    /** The part that failed, or empty where the failure is none of a single part. */
    public Optional<EmbeddedStack.Part> part() {
        return Optional.ofNullable(part);
    }

    /** The file with the part's standard output and error; it may be missing where the part was never started. */
    public Optional<Path> log() {
        return Optional.ofNullable(log);
    }
}
