package io.tributary.randomuser;

import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Optional;

/**
 * How a stand-in is to behave. {@link #defaults()} is the source as it is, on a free port of this machine.
 *
 * @param port 0 for any free one
 * @param quota users an address may ask for in a window; 0 for any number
 * @param quotaWindow at least a millisecond
 * @param clock of the quota's windows, and of ages where there is no {@code today}
 * @param today what ages are counted to; empty for the clock's day in UTC
 * @param preparedBytes bodies kept for being asked for again, in bytes; 0 makes each anew
 * @param workers threads that make pages
 */
public record RandomUserOptions(
        String host,
        int port,
        int quota,
        Duration quotaWindow,
        Clock clock,
        Optional<LocalDate> today,
        long preparedBytes,
        int workers) {
    public static final int SOURCE_QUOTA = 20_000;
    public static final Duration SOURCE_QUOTA_WINDOW = Duration.ofMinutes(5);

    public static RandomUserOptions defaults() {
        int workers = Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors()));
        return new RandomUserOptions(
                "127.0.0.1", 0, SOURCE_QUOTA, SOURCE_QUOTA_WINDOW, Clock.systemUTC(), Optional.empty(), 0, workers);
    }

    public RandomUserOptions withAddress(String newHost, int newPort) {
        return new RandomUserOptions(newHost, newPort, quota, quotaWindow, clock, today, preparedBytes, workers);
    }

    public RandomUserOptions withQuota(int newQuota, Duration newWindow) {
        return new RandomUserOptions(host, port, newQuota, newWindow, clock, today, preparedBytes, workers);
    }

    public RandomUserOptions withoutQuota() {
        return withQuota(0, quotaWindow);
    }

    public RandomUserOptions withClock(Clock newClock) {
        return new RandomUserOptions(host, port, quota, quotaWindow, newClock, today, preparedBytes, workers);
    }

    public RandomUserOptions withToday(LocalDate newToday) {
        return new RandomUserOptions(
                host, port, quota, quotaWindow, clock, Optional.of(newToday), preparedBytes, workers);
    }

    public RandomUserOptions withPreparedBytes(long newPreparedBytes) {
        return new RandomUserOptions(host, port, quota, quotaWindow, clock, today, newPreparedBytes, workers);
    }
}
