package io.tributary.ingest.source.pace;

import java.util.ArrayDeque;
import java.util.Deque;

/** The other side in virtual time: what a source lets through. Refused requests are not counted. */
interface Quota {
    boolean takes(long nowMs, int users);

    /** Windows of the clock, one after the other, refused once {@code limit} users are reached: as randomuser.me does it. */
    static Quota fixedWindow(long limit, long periodMs, long phaseMs) {
        return new Quota() {
            private long window = Long.MIN_VALUE;
            private long taken;

            @Override
            public boolean takes(long nowMs, int users) {
                long current = Math.floorDiv(nowMs - phaseMs, periodMs);
                if (current != window) {
                    window = current;
                    taken = 0;
                }
                boolean isTaken = taken < limit;
                taken += isTaken ? users : 0;
                return isTaken;
            }
        };
    }

    /** As a fixed window of requests, whatever their size. */
    static Quota fixedWindowOfRequests(long limit, long periodMs) {
        Quota ones = fixedWindow(limit, periodMs, 0);
        return (nowMs, users) -> ones.takes(nowMs, 1);
    }

    /** The first request after the end of a window begins the next. */
    static Quota slidingStart(long limit, long periodMs) {
        return new Quota() {
            private long end = Long.MIN_VALUE;
            private long taken;

            @Override
            public boolean takes(long nowMs, int users) {
                if (nowMs >= end) {
                    end = nowMs + periodMs;
                    taken = 0;
                }
                boolean isTaken = taken < limit;
                taken += isTaken ? users : 0;
                return isTaken;
            }
        };
    }

    /** Any stretch of the period holds at most so many users. */
    static Quota slidingLog(long limit, long periodMs) {
        record Taken(long atMs, int users) {}
        return new Quota() {
            private final Deque<Taken> log = new ArrayDeque<>();
            private long taken;

            @Override
            public boolean takes(long nowMs, int users) {
                while (!log.isEmpty() && log.getFirst().atMs() <= nowMs - periodMs) {
                    taken -= log.removeFirst().users();
                }
                boolean isTaken = taken < limit;
                if (isTaken) {
                    log.add(new Taken(nowMs, users));
                    taken += users;
                }
                return isTaken;
            }
        };
    }

    /** So many requests a second, so many saved up at most. */
    static Quota tokenBucket(double perSecond, double most) {
        return new Quota() {
            private double tokens = most;
            private long filledAtMs;

            @Override
            public boolean takes(long nowMs, int users) {
                tokens = Math.min(most, tokens + (nowMs - filledAtMs) * perSecond / 1000);
                filledAtMs = nowMs;
                if (tokens < 1) {
                    return false;
                }
                tokens--;
                return true;
            }
        };
    }
}
