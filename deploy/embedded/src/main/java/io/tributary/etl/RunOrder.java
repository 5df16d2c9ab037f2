package io.tributary.etl;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * What is asked of a run: so many users, in pages, for the window [start, end).
 *
 * @param nationalities two letters each, upper case; empty for all
 * @param maxRunTime after which no further page is asked for, in whole seconds; empty for no bound
 */
record RunOrder(
        Instant windowStart,
        Instant windowEnd,
        long users,
        int pageSize,
        Optional<String> seed,
        List<String> nationalities,
        Optional<Gender> gender,
        Optional<Duration> maxRunTime) {
    private static final Duration WINDOW = Duration.ofMinutes(5);

    enum Gender {
        female,
        male
    }

    RunOrder {
        nationalities = List.copyOf(nationalities);
    }

    /** For the window given, or the five minutes that begin with the current minute. */
    static RunOrder of(
            Optional<Instant> start,
            Optional<Instant> end,
            Instant now,
            long users,
            int pageSize,
            Optional<String> seed,
            List<String> nationalities,
            Optional<Gender> gender,
            Optional<Duration> maxRunTime) {
        Instant from = start.orElseGet(
                () -> end.map(e -> e.minus(WINDOW)).orElseGet(() -> now.truncatedTo(ChronoUnit.MINUTES)));
        Instant to = end.orElse(from.plus(WINDOW));
        if (!to.isAfter(from)) {
            throw EtlFailure.usage("the window ends at " + to + ", expected later than its start " + from);
        }
        return new RunOrder(from, to, users, pageSize, seed, nationalities, gender, maxRunTime);
    }

    /** The same order, for the window that begins with this minute and is as long. */
    RunOrder startingAt(Instant now) {
        Instant from = now.truncatedTo(ChronoUnit.MINUTES);
        return new RunOrder(
                from,
                from.plus(Duration.between(windowStart, windowEnd)),
                users,
                pageSize,
                seed,
                nationalities,
                gender,
                maxRunTime);
    }
}
