package io.tributary.ingest.source.pace;

import java.time.Duration;

/** How many requests at once are good for a source, by how it answered those before. Not for several threads. */
interface ConcurrencyLimit {
    int current();

    /** A request was answered. */
    void answered(Duration latency, int users);

    /** A request was refused, failed, or met its deadline. */
    void failed();
}
