package io.tributary.ingest.metrics;

/**
 * How many are inside of something, and how long all of them together have been. Between two readings the mean number inside is
 * the time that was added over the time that passed, and that over the rate of those who left is their mean time (Little's
 * law), also while somebody who does not get on is still inside.
 */
final class Occupancy {
    private int inside;
    private long changedNanos;
    private long busyNanos;

    synchronized void enter(long nowNanos) {
        busyNanos = busyNanos(nowNanos);
        changedNanos = nowNanos;
        inside++;
    }

    synchronized void leave(long nowNanos) {
        busyNanos = busyNanos(nowNanos);
        changedNanos = nowNanos;
        inside--;
    }

    synchronized int inside() {
        return inside;
    }

    synchronized long busyNanos(long nowNanos) {
        return busyNanos + inside * Math.max(0, nowNanos - changedNanos);
    }
}
