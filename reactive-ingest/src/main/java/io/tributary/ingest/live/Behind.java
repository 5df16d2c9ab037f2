package io.tributary.ingest.live;

import java.util.ArrayDeque;
import java.util.Deque;

/** How long ago a count that grows was where its follower is now. Remembers {@link #SAMPLES} looks. */
final class Behind {
    static final int SAMPLES = 120;

    private final Deque<Sample> samples = new ArrayDeque<>();

    private record Sample(long atMs, long count) {}

    /** The count at a time that is later than all before. */
    void add(long atMs, long count) {
        samples.addLast(new Sample(atMs, count));
        if (samples.size() > SAMPLES) {
            samples.removeFirst();
        }
    }

    /** In milliseconds; of one that has fallen behind everything remembered at least so much. */
    long millis(long follower) {
        Sample newest = samples.peekLast();
        if (newest == null || follower >= newest.count) {
            return 0;
        }
        Sample before = newest;
        for (var older = samples.descendingIterator(); older.hasNext(); ) {
            Sample sample = older.next();
            if (sample.count <= follower) {
                double share = (follower - sample.count) / (double) Math.max(1, before.count - sample.count);
                return newest.atMs - sample.atMs - Math.round(share * (before.atMs - sample.atMs));
            }
            before = sample;
        }
        return newest.atMs - before.atMs;
    }
}
