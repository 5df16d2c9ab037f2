package io.tributary.randomuser;

import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * The source's quota: users asked for by an address in a fixed window that begins for everyone at once. An address is
 * refused once it has been answered {@code limit} users or more, so the last answer before may go over it; refused requests
 * do not count. For several threads.
 */
final class Quota {
    /** Addresses beyond share one counter, so that invented ones can not fill the heap. */
    private static final int MOST_ADDRESSES = 10_000;

    private static final String OTHERS = "others";

    private final int limit;
    private final long windowMillis;
    private final Clock clock;
    private final long startMillis;
    private final Map<String, Long> asked = new HashMap<>();
    private long window;

    /** @param limit users; 0 switches the quota off */
    Quota(int limit, Duration window, Clock clock) {
        this.limit = limit;
        this.windowMillis = window.toMillis();
        this.clock = clock;
        this.startMillis = clock.millis();
    }

    /** Users this address was answered in this window. */
    synchronized long asked(String address) {
        clearAtWindowEnd();
        return asked.getOrDefault(counted(address), 0L);
    }

    synchronized boolean refuses(String address) {
        return limit > 0 && asked(address) >= limit;
    }

    synchronized void count(String address, int users) {
        clearAtWindowEnd();
        asked.merge(counted(address), (long) users, Long::sum);
    }

    private String counted(String address) {
        return asked.containsKey(address) || asked.size() < MOST_ADDRESSES ? address : OTHERS;
    }

    private void clearAtWindowEnd() {
        long current = Math.floorDiv(clock.millis() - startMillis, windowMillis);
        if (current != window) {
            asked.clear();
            window = current;
        }
    }
}
