package io.tributary.embedded;

import io.tributary.embedded.EmbeddedStack.Part;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Hears what happens to each part, on that part's own thread: implementations are thread-safe and quick. For one part the order
 * is {@code starting (died starting)* ready (died starting ready)*} and, at most once and last, {@code broken}.
 */
public interface StackListener {
    /** Says nothing. */
    StackListener SILENT = new StackListener() {};

    /** A process of this part is being started. */
    default void starting(Part part) {}

    /**
     * The part answered for itself and is prepared (topics, schema, role).
     *
     * @param took since it was asked for, restarts in between included
     */
    default void ready(Part part, Duration took) {}

    /**
     * The part ended although nobody asked it to; it is started again after a pause.
     *
     * @param exit its exit status, 128 + n when signal n ended it
     */
    default void died(Part part, int exit, Path log, Duration restartIn) {}

    /** The part is given up; the stack does not work as a whole any more, the other parts go on until {@code close()}. */
    default void broken(StackFailed failure) {}
}
