package io.tributary.ingest.reconcile;

import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Objects;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The newest windows, looked for day by day from tomorrow (clocks differ) back to {@link #DAYS} ago; each is summed up by
 * Cassandra from its groups.
 */
public final class CassandraWindows implements Windows {
    /** How far back windows are looked for. */
    static final int DAYS = 92;

    /** Days, then windows, asked for at the same time. */
    private static final int AHEAD = 8;

    private static final String OF_A_DAY = "select window_start from tributary.windows_by_day where day = ? limit ?";

    private static final String GROUPS = """
            select nationality, gender, sum(cast(users as bigint)) as users, sum(cast(aged as bigint)) as aged,
                   sum(age_sum) as age_sum
            from tributary.window_users where window_start = ? group by nationality, gender""";

    private final CassandraSession cassandra;
    private final InstantSource clock;

    public CassandraWindows(CassandraSession cassandra, InstantSource clock) {
        this.cassandra = cassandra;
        this.clock = clock;
    }

    @Override
    public Flux<WindowCounts> latest(int limit) {
        return Flux.defer(() -> {
            LocalDate tomorrow =
                    LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC).plusDays(1);
            return Flux.range(0, DAYS + 2)
                    .map(tomorrow::minusDays)
                    .flatMapSequential(day -> windowsOf(day, limit), AHEAD)
                    .take(limit)
                    .flatMapSequential(this::counts, AHEAD);
        });
    }

    private Flux<Instant> windowsOf(LocalDate day, int limit) {
        return cassandra.rows(OF_A_DAY, day, limit).map(row -> Objects.requireNonNull(row.getInstant(0)));
    }

    private Mono<WindowCounts> counts(Instant windowStart) {
        return cassandra
                .rows(GROUPS, windowStart)
                .map(row -> new Group(
                        Objects.requireNonNull(row.getString(0)),
                        Objects.requireNonNull(row.getString(1)),
                        row.getLong(2),
                        row.getLong(3),
                        row.getLong(4)))
                .collectList()
                .map(groups -> new WindowCounts(windowStart, groups));
    }
}
