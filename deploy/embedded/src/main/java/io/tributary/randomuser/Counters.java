package io.tributary.randomuser;

import java.util.Collections;
import java.util.TreeMap;

/** The counters behind {@link Stats}. For several threads. */
final class Counters {
    /** At most as many entries as there are pages: 10,000. */
    private final TreeMap<Integer, Long> requestsByPage = new TreeMap<>();

    private long requests;
    private long usersAsked;
    private long refused;
    private long faulted;
    private int inFlight;
    private int mostInFlight;

    synchronized void started(int page) {
        requests++;
        requestsByPage.merge(page, 1L, Long::sum);
        inFlight++;
        mostInFlight = Math.max(mostInFlight, inFlight);
    }

    synchronized void ended() {
        inFlight--;
    }

    synchronized void asked(int users) {
        usersAsked += users;
    }

    synchronized void refused() {
        refused++;
    }

    synchronized void faulted() {
        faulted++;
    }

    /** All but what is in flight. */
    synchronized void clear() {
        requests = 0;
        usersAsked = 0;
        refused = 0;
        faulted = 0;
        mostInFlight = inFlight;
        requestsByPage.clear();
    }

    synchronized Stats stats(int faultsLeft) {
        return new Stats(
                requests,
                usersAsked,
                refused,
                faulted,
                inFlight,
                mostInFlight,
                faultsLeft,
                Collections.unmodifiableSortedMap(new TreeMap<>(requestsByPage)));
    }
}
