package io.tributary.stream;

import java.time.Duration;
import java.time.Instant;

/** Event time as the stream carries it: microseconds since 1970, UTC. */
final class Micros {
    private static final long PER_SECOND = 1_000_000;

    private Micros() {}

    static long of(Instant instant) {
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), PER_SECOND), instant.getNano() / 1_000);
    }

    static Instant instant(long micros) {
        return Instant.ofEpochSecond(Math.floorDiv(micros, PER_SECOND), Math.floorMod(micros, PER_SECOND) * 1_000L);
    }

    /** Start of the window that a moment lies in; windows are counted from 1970. */
    static long windowStart(long micros, Duration window) {
        long width = Math.multiplyExact(window.toMillis(), 1_000L);
        return Math.floorDiv(micros, width) * width;
    }
}
