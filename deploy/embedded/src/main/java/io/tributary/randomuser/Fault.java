package io.tributary.randomuser;

import java.util.Optional;

/**
 * One thing to go wrong, and when.
 *
 * @param times on how many requests; 0 until the faults are cleared
 * @param after how many matching requests pass before the first
 * @param page only on requests for this page; empty for any
 * @param seed only on requests with this seed; empty for any
 * @param position the user concerned, 0-based, for kinds that concern one; the last user where the page is shorter
 * @param value see {@link FaultKind}
 * @param amount see {@link FaultKind}
 */
public record Fault(
        FaultKind kind,
        int times,
        int after,
        Optional<Integer> page,
        Optional<String> seed,
        int position,
        String value,
        long amount) {
    public Fault {
        if (times < 0 || after < 0 || position < 0) {
            throw new IllegalArgumentException("times, after and position of a fault are 0 or more");
        }
    }

    /** On the next request, whatever its page. */
    public static Fault of(FaultKind kind) {
        return new Fault(kind, 1, 0, Optional.empty(), Optional.empty(), 0, kind.defaultValue, kind.defaultAmount);
    }

    public Fault times(int newTimes) {
        return new Fault(kind, newTimes, after, page, seed, position, value, amount);
    }

    /** On every request until the faults are cleared. */
    public Fault always() {
        return times(0);
    }

    public Fault after(int newAfter) {
        return new Fault(kind, times, newAfter, page, seed, position, value, amount);
    }

    public Fault onPage(int newPage) {
        return new Fault(kind, times, after, Optional.of(newPage), seed, position, value, amount);
    }

    public Fault ofSeed(String newSeed) {
        return new Fault(kind, times, after, page, Optional.of(newSeed), position, value, amount);
    }

    public Fault at(int newPosition) {
        return new Fault(kind, times, after, page, seed, newPosition, value, amount);
    }

    public Fault value(String newValue) {
        return new Fault(kind, times, after, page, seed, position, newValue, amount);
    }

    public Fault amount(long newAmount) {
        return new Fault(kind, times, after, page, seed, position, value, newAmount);
    }
}
