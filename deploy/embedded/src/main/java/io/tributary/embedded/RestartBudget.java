package io.tributary.embedded;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * How often a part may be started again: {@value #RESTARTS} times in any {@link #WINDOW}, after pauses that double from
 * the first one up to {@link #LONGEST_PAUSE}. Time is an argument, from any clock that does not jump. Not thread-safe.
 */
final class RestartBudget {
    static final int RESTARTS = 5;
    static final Duration WINDOW = Duration.ofMinutes(1);
    static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final Duration firstPause;
    private final Deque<Duration> deaths = new ArrayDeque<>();

    RestartBudget(Duration firstPause) {
        this.firstPause = firstPause;
    }

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
        Duration pause = firstPause.multipliedBy(1L << (deaths.size() - 1));
        return Optional.of(pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE);
    }
}
