package io.tributary.ingest.source.pace;

import java.time.Duration;

/**
 * Additive increase, multiplicative decrease: from one request at once, one more after every {@value #ANSWERS_A_STEP} good
 * answers, so that what is in flight when a quota ends is a small part of what it let through; half after a failure, and a
 * tenth less while answers take twice as long as they used to.
 */
final class AdditiveIncrease implements ConcurrencyLimit {
    static final int ANSWERS_A_STEP = 20;
    private static final double SLOW = 2;
    private static final double LATELY = 0.2; // the share of the last answer: about the last five
    private static final double USUALLY = 0.01; // about the last hundred

    private final int most;
    private double limit = 1;
    private int pageUsers;
    private double latelyNanos;
    private double usuallyNanos;

    AdditiveIncrease(int most) {
        this.most = most;
    }

    @Override
    public int current() {
        return (int) limit;
    }

    @Override
    public void answered(Duration latency, int users) {
        double nanos = latency.toNanos();
        if (users != pageUsers) { // a larger page takes longer by right
            pageUsers = users;
            latelyNanos = nanos;
            usuallyNanos = nanos;
        }
        latelyNanos += (nanos - latelyNanos) * LATELY;
        usuallyNanos += (nanos - usuallyNanos) * USUALLY;
        if (latelyNanos > SLOW * usuallyNanos) {
            limit = Math.max(1, limit * 0.9);
        } else {
            limit = Math.min(most, limit + 1.0 / ANSWERS_A_STEP);
        }
    }

    @Override
    public void failed() {
        limit = Math.max(1, limit / 2);
    }
}
