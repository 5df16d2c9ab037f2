package io.tributary.embedded;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * How often a part may be started again: {@value #RESTARTS} times in any {@link #WINDOW}, after pauses of 0.5, 1, 2, 4 and 5 s.
 * Time is an argument, from any clock that does not jump. Not thread-safe.
 */
final class RestartBudget {
    static final int RESTARTS = 5;
    static final Duration WINDOW = Duration.ofMinutes(1);
    private static final long FIRST_PAUSE_MS = 500;
    private static final long LONGEST_PAUSE_MS = 5_000;

    private final Deque<Duration> deaths = new ArrayDeque<>();

    /**
     * Takes one restart.
     *
     * @param now time since any fixed moment
     * @return the pause before it, or empty where the budget is used up
     */
    Optional<Duration> afterDeathAt(Duration now) {
        while (!deaths.isEmpty() && now.minus(deaths.getFirst()).compareTo(WINDOW) > 0) {
            deaths.removeFirst();
        }
        if (deaths.size() == RESTARTS) {
            return Optional.empty();
        }
        deaths.addLast(now);
        return Optional.of(Duration.ofMillis(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << (deaths.size() - 1))));
    }
}
