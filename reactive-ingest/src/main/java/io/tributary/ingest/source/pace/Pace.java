package io.tributary.ingest.source.pace;

/**
 * What is known of one source's quota, and what was taken of it: the algorithm, without clock or I/O. Every instance behind
 * one address works on the same {@code Pace}, one after another.
 *
 * <p>The quota is taken for a number of users, or of requests, in a window of time. Nothing of it is announced, so size and
 * period are found by the answers:
 *
 * <pre>
 * open     pages are let through, all at once, until the learned size is reached or the source refuses
 * spent    nobody asks; at {@code nextTryMs} one request alone tries whether the next window has begun
 *          accepted: the window is open, and the time since the last one's begin is an upper bound of the period
 *          refused:  it is a lower bound; the next try comes later, by more than half as much again while nothing is known
 * </pre>
 *
 * <p>The next try is made half-way between the bounds, and after a refusal at the upper one: so they meet, at about one
 * refused request a window. A window begins with the first answer in it and not with a tick of our clock: so the rule holds
 * for windows of the clock, for windows that the first request opens, and for a bucket that is refilled (windows of one
 * page). What was learned is doubted now and then, by one request beyond the size or by an earlier try, each after {@value
 * #DOUBT_AFTER} answers.
 *
 * <p>Fields are the row that instances share. Times are milliseconds of one clock, the same for all; 0 is unknown.
 */
final class Pace {
    /** The first try after a refusal of a source about which nothing is known. */
    static final long FIRST_PAUSE_MS = 1_000;
    /** Between two looks of one that waits for another's try. */
    static final long LOOK_MS = 50;
    /** Answers between two doubts: 0.5 % of requests may be refused for each kind. */
    static final long DOUBT_AFTER = 200;

    // The shares below were chosen by simulation of 400 phases of each kind of quota, see PaceTest.
    private static final double GROWTH = 0.6;
    private static final double FIRST_STEP = 0.03;
    private static final double TRY_AT = 0.5;
    private static final double NEAR = 0.6;
    private static final double NARROW = 0.04;
    private static final long NARROW_MS = 30; // what the time of a request varies by
    private static final int MOST_DOUBLINGS = 10;

    /** What the source counts: known once pages of several sizes were asked for. */
    enum Unit {
        UNKNOWN,
        USERS,
        REQUESTS
    }

    // learned: the size, and what is doubted of it
    long capUsers;
    long capRequests;
    boolean isCapSure; // seen twice
    Unit unit = Unit.UNKNOWN;
    long answersSinceDoubt;
    // learned: the period
    long shortestMs;
    long longestMs;
    long safeMs; // the last upper bound that no lateness can have made too small
    long lateMs; // the window that the next two are counted from began at most so much before its first answer
    long openings;
    long gapsMs;
    // the window
    long window;
    boolean isWhole; // it began with a try, so that its first answer is near its begin
    long startedAtMs;
    long users;
    long requests;
    long inFlight;
    long sentAtMs;
    // its end
    boolean isSpent;
    boolean isRefused; // and not by our own count
    boolean wasOutOfStep;
    long spentAtMs;
    long tries;
    long triedAtMs;
    long nextTryMs;
    long tryingUntilMs;
    long pausedUntilMs;

    /** What a request is for. */
    enum Role {
        /** One of many in an open window. */
        PAGE,
        /** Alone, whether the next window has begun. */
        OPENING,
        /** Alone, whether there is more than the learned size. */
        BEYOND
    }

    /** What is said to one that asks. */
    sealed interface Answer {}

    /** Go, and tell how it ended. {@code usersBefore} and {@code requestsBefore} are those of its window. */
    record Permit(long window, Role role, int users, long sentAtMs, long usersBefore, long requestsBefore)
            implements Answer {}

    /** Ask again after so long. */
    record Wait(long forMs) implements Answer {}

    /** How a permitted request ended. */
    enum Outcome {
        /** Answered, and so counted by the source. */
        ACCEPTED,
        /** 429: not counted. */
        REFUSED,
        /** Nobody knows whether it was counted. */
        FAILED
    }

    /**
     * May a page be asked for now?
     *
     * @param size users of the page
     * @param longestRequestMs after which a request that nobody told about is taken for lost
     */
    Answer ask(long nowMs, int size, long longestRequestMs) {
        if (nowMs < pausedUntilMs) {
            return new Wait(pausedUntilMs - nowMs);
        }
        if (!isSpent) {
            if (longestMs > 0 && startedAtMs > 0 && nowMs >= startedAtMs + longestMs) {
                begin(false); // nobody needed what the last window had left
            }
            if (isBelowCap()) {
                return permit(nowMs, Role.PAGE, size);
            }
            if (mayGoBeyond(nowMs)) {
                return alone(nowMs, Role.BEYOND, size, longestRequestMs);
            }
            spend(nowMs, false);
        }
        return nowMs < nextTryMs ? new Wait(nextTryMs - nowMs) : alone(nowMs, Role.OPENING, size, longestRequestMs);
    }

    private boolean isBelowCap() {
        if (capRequests == 0) {
            return true;
        }
        return switch (unit) {
            case USERS -> users < capUsers;
            case REQUESTS -> requests < capRequests;
            case UNKNOWN -> users < capUsers || requests < capRequests;
        };
    }

    /** Only well before the window's end: later, an answer says nothing about this window. */
    private boolean mayGoBeyond(long nowMs) {
        if (longestMs == 0) {
            return true;
        }
        boolean isDoubted = !isCapSure || (answersSinceDoubt >= DOUBT_AFTER && window % 2 == 0);
        return isDoubted && nowMs < startedAtMs + shortestMs - shortestMs / 10;
    }

    private Answer alone(long nowMs, Role role, int size, long longestRequestMs) {
        boolean isOthersUnderWay = inFlight > 0 && nowMs < sentAtMs + longestRequestMs;
        if (nowMs < tryingUntilMs || isOthersUnderWay) { // one that overtakes another is judged in its place
            return new Wait(LOOK_MS);
        }
        tryingUntilMs = nowMs + longestRequestMs;
        return permit(nowMs, role, size);
    }

    private Permit permit(long nowMs, Role role, int size) {
        Permit permit = new Permit(window, role, size, nowMs, users, requests);
        if (role != Role.OPENING) { // that one belongs to the next window, if it is answered
            users += size;
            requests++;
            inFlight++;
            sentAtMs = nowMs;
        }
        return permit;
    }

    /** The source said when to come back: nobody asks before. */
    void pause(long untilMs) {
        pausedUntilMs = Math.max(pausedUntilMs, untilMs);
    }

    /** How a request ended. One of a window that is over says nothing any more. */
    void tell(long nowMs, Permit permit, Outcome outcome) {
        if (permit.window() != window) {
            return;
        }
        if (permit.role() != Role.PAGE) {
            tryingUntilMs = 0;
        }
        if (permit.role() != Role.OPENING) {
            inFlight = Math.max(0, inFlight - 1);
        }
        switch (outcome) {
            case ACCEPTED -> accepted(nowMs, permit);
            case REFUSED -> refused(permit);
            case FAILED -> {
                if (permit.role() == Role.OPENING) {
                    nextTryMs = nowMs + LOOK_MS; // who failed asks no more for a while, another may
                }
            }
        }
    }

    private void accepted(long nowMs, Permit permit) {
        answersSinceDoubt++;
        if (permit.role() == Role.OPENING) {
            opened(nowMs, permit);
            return;
        }
        if (startedAtMs == 0) {
            startedAtMs = nowMs;
        }
        if (capRequests == 0) {
            return;
        }
        boolean isBeyondUsers = permit.usersBefore() >= capUsers;
        boolean isBeyondRequests = permit.requestsBefore() >= capRequests;
        if (isBeyondUsers && isBeyondRequests) { // there is more than we knew
            capUsers = permit.usersBefore() + permit.users();
            capRequests = permit.requestsBefore() + 1;
            isCapSure = false;
        } else if (isBeyondUsers) {
            unit = Unit.REQUESTS;
        } else if (isBeyondRequests) {
            unit = Unit.USERS;
        }
    }

    private void refused(Permit permit) {
        if (permit.role() == Role.OPENING) {
            tries++;
            triedAtMs = permit.sentAtMs();
            shortestMs = Math.max(shortestMs, triedAtMs - measuredFromMs());
            scheduleTry(triedAtMs);
            return;
        }
        users -= permit.users();
        requests--;
        if (permit.role() == Role.BEYOND) {
            isCapSure = true;
            answersSinceDoubt = 0;
        }
        if (!isRefused) {
            spend(permit.sentAtMs(), true);
        }
    }

    private void spend(long atMs, boolean byRefusal) {
        isSpent = true;
        isRefused = byRefusal;
        spentAtMs = atMs;
        tries = 0;
        scheduleTry(atMs);
    }

    /** A period is measured from the window's first answer, unless that may have been anywhere in it. */
    private long measuredFromMs() {
        return isWhole && longestMs > 0 ? startedAtMs : spentAtMs;
    }

    private void scheduleTry(long atMs) {
        long passedMs = atMs - measuredFromMs();
        if (!isWhole || longestMs == 0) {
            long knownMs = isWhole ? Math.max(shortestMs, passedMs) : passedMs;
            nextTryMs = measuredFromMs() + Math.max(FIRST_PAUSE_MS, (long) (knownMs * (1 + GROWTH)));
        } else if (isRefused && isLessThanCap() && passedMs < longestMs) { // out of step, or there is less now
            nextTryMs = Math.min(atMs + doubled(longestMs / 20, tries), startedAtMs + longestMs);
        } else if (tries == 0) {
            nextTryMs = startedAtMs + firstTryMs();
        } else if (passedMs < longestMs) {
            nextTryMs = startedAtMs + longestMs;
        } else if (passedMs < safeMs - NARROW_MS) { // what was accepted sooner was late in its window
            nextTryMs = startedAtMs + safeMs;
        } else { // longer than it ever was
            long mostMs = Math.max(NARROW_MS, (long) (passedMs * GROWTH));
            nextTryMs = atMs + Math.min(mostMs, doubled((long) (longestMs * FIRST_STEP), tries - 1));
        }
    }

    private static long doubled(long stepMs, long times) {
        return Math.max(NARROW_MS, stepMs) << Math.min(times, MOST_DOUBLINGS);
    }

    private long firstTryMs() {
        long betweenMs = longestMs - shortestMs;
        if (betweenMs > Math.max(NARROW_MS, (long) (longestMs * NARROW))) {
            return shortestMs + (long) (betweenMs * TRY_AT);
        }
        if (answersSinceDoubt >= DOUBT_AFTER && window % 2 == 1) {
            answersSinceDoubt = 0;
            return shortestMs - shortestMs / 10;
        }
        return longestMs;
    }

    private boolean isLessThanCap() {
        return users < capUsers * 0.9 && requests < capRequests * 0.9;
    }

    private void opened(long nowMs, Permit opening) {
        long lastSignMs = tries > 0 ? triedAtMs : isWhole ? startedAtMs : spentAtMs;
        boolean isMeasuredAnew = tries > 0 || !isWhole;
        learn(opening);
        begin(true);
        startedAtMs = nowMs;
        users = opening.users();
        requests = 1;
        if (isMeasuredAnew) {
            lateMs = opening.sentAtMs() - lastSignMs;
            openings = 0;
            gapsMs = 0;
        }
    }

    /** What the window that is over has shown, now that the next one is known to have begun. */
    private void learn(Permit opening) {
        long periodMs = opening.sentAtMs() - startedAtMs;
        boolean isTooSoon = isWhole && longestMs > 0 && periodMs < shortestMs * 0.9;
        wasOutOfStep = isTooSoon && isRefused && isLessThanCap() && !wasOutOfStep; // twice in a row it is less
        if (wasOutOfStep) {
            return;
        }
        if (isRefused) {
            isCapSure = isWhole && requests == capRequests;
            capUsers = users;
            capRequests = requests;
        }
        if (isWhole) {
            learnPeriod(periodMs);
        }
    }

    /**
     * A window that was entered late is left early, so one gap alone may be shorter than the period. Of many in a row the
     * mean is too short by no more than their share of the first one's lateness.
     */
    private void learnPeriod(long periodMs) {
        openings++;
        gapsMs += periodMs;
        long boundMs = (gapsMs + lateMs) / openings;
        boolean isNear = longestMs > 0 && longestMs - shortestMs < longestMs * NEAR;
        longestMs = isNear && tries == 0 ? Math.min(longestMs, Math.max(periodMs, boundMs)) : periodMs;
        if (periodMs > safeMs || boundMs <= periodMs + periodMs / 20) {
            safeMs = periodMs;
        }
        if (shortestMs >= periodMs) { // it was another period
            shortestMs = periodMs - periodMs / 5;
        }
    }

    private void begin(boolean byTry) {
        window++;
        isWhole = byTry;
        startedAtMs = 0;
        users = 0;
        requests = 0;
        inFlight = 0;
        isSpent = false;
        isRefused = false;
        tries = 0;
    }
}
