package io.tributary.ingest.source.pace;

import io.tributary.ingest.source.pace.Pace.Unit;
import java.util.List;
import java.util.function.ObjLongConsumer;
import java.util.function.ToLongFunction;

/** A column of {@code source_pace}, always a number, and the field of {@link Pace} that it keeps. */
record PaceColumn(String name, ToLongFunction<Pace> read, ObjLongConsumer<Pace> write) {
    static final List<PaceColumn> ALL = List.of(
            new PaceColumn("cap_users", pace -> pace.capUsers, (pace, value) -> pace.capUsers = value),
            new PaceColumn("cap_requests", pace -> pace.capRequests, (pace, value) -> pace.capRequests = value),
            new PaceColumn("cap_sure", pace -> number(pace.isCapSure), (pace, value) -> pace.isCapSure = value != 0),
            new PaceColumn("unit", pace -> number(pace.unit), (pace, value) -> pace.unit = unit(value)),
            new PaceColumn(
                    "answers_since_doubt",
                    pace -> pace.answersSinceDoubt,
                    (pace, value) -> pace.answersSinceDoubt = value),
            new PaceColumn("shortest_ms", pace -> pace.shortestMs, (pace, value) -> pace.shortestMs = value),
            new PaceColumn("longest_ms", pace -> pace.longestMs, (pace, value) -> pace.longestMs = value),
            new PaceColumn("safe_ms", pace -> pace.safeMs, (pace, value) -> pace.safeMs = value),
            new PaceColumn("late_ms", pace -> pace.lateMs, (pace, value) -> pace.lateMs = value),
            new PaceColumn("openings", pace -> pace.openings, (pace, value) -> pace.openings = value),
            new PaceColumn("gaps_ms", pace -> pace.gapsMs, (pace, value) -> pace.gapsMs = value),
            new PaceColumn("window_no", pace -> pace.window, (pace, value) -> pace.window = value),
            new PaceColumn("window_whole", pace -> number(pace.isWhole), (pace, value) -> pace.isWhole = value != 0),
            new PaceColumn("started_at_ms", pace -> pace.startedAtMs, (pace, value) -> pace.startedAtMs = value),
            new PaceColumn("users", pace -> pace.users, (pace, value) -> pace.users = value),
            new PaceColumn("requests", pace -> pace.requests, (pace, value) -> pace.requests = value),
            new PaceColumn("in_flight", pace -> pace.inFlight, (pace, value) -> pace.inFlight = value),
            new PaceColumn("sent_at_ms", pace -> pace.sentAtMs, (pace, value) -> pace.sentAtMs = value),
            new PaceColumn("spent", pace -> number(pace.isSpent), (pace, value) -> pace.isSpent = value != 0),
            new PaceColumn("refused", pace -> number(pace.isRefused), (pace, value) -> pace.isRefused = value != 0),
            new PaceColumn(
                    "out_of_step", pace -> number(pace.wasOutOfStep), (pace, value) -> pace.wasOutOfStep = value != 0),
            new PaceColumn("spent_at_ms", pace -> pace.spentAtMs, (pace, value) -> pace.spentAtMs = value),
            new PaceColumn("tries", pace -> pace.tries, (pace, value) -> pace.tries = value),
            new PaceColumn("tried_at_ms", pace -> pace.triedAtMs, (pace, value) -> pace.triedAtMs = value),
            new PaceColumn("next_try_ms", pace -> pace.nextTryMs, (pace, value) -> pace.nextTryMs = value),
            new PaceColumn("trying_until_ms", pace -> pace.tryingUntilMs, (pace, value) -> pace.tryingUntilMs = value),
            new PaceColumn("paused_until_ms", pace -> pace.pausedUntilMs, (pace, value) -> pace.pausedUntilMs = value));

    private static long number(boolean is) {
        return is ? 1 : 0;
    }

    private static long number(Unit unit) {
        return switch (unit) {
            case UNKNOWN -> 0;
            case USERS -> 1;
            case REQUESTS -> 2;
        };
    }

    private static Unit unit(long number) {
        return number == 1 ? Unit.USERS : number == 2 ? Unit.REQUESTS : Unit.UNKNOWN;
    }
}
