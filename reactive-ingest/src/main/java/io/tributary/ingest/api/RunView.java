package io.tributary.ingest.api;

import io.tributary.ingest.model.RunProgress;
import org.jspecify.annotations.Nullable;

/** A run as it is shown. {@code counted} is null while Cassandra can not be asked. */
record RunView(RunProgress progress, @Nullable Long counted) {
    /** Nothing of the run will change any more: it has ended, and the stream has counted all that it let through. */
    boolean settled() {
        return counted != null && progress.isSettledAt(counted);
    }
}
