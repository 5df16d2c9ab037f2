package io.tributary.ingest.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Objects;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;
import reactor.util.function.Tuple2;

/**
 * The newest windows, looked for day by day from tomorrow (clocks differ) back to {@link #DAYS} ago; each is summed up by
 * Cassandra from its groups.
 */
public final class CassandraWindows implements Windows {
    /** How far back windows are looked for. */
    static final int DAYS = 92;

    /** Days, then windows, asked for at the same time. */
    private static final int AHEAD = 8;

    /** Read for one answer, some milliseconds each. */
    static final int MOST_COUNTED = 5_000;

    private static final String WIDTH = "select window_ms from tributary.stream_state where name = 'stream'";

    private static final String OF_A_DAY = "select window_start from tributary.windows_by_day where day = ? limit ?";

    private static final String GROUPS = """
        select nationality, gender, sum(cast(users as bigint)) as users, sum(cast(aged as bigint)) as aged,
               sum(age_sum) as age_sum
        from tributary.window_users where window_start = ? group by nationality, gender\
        """;

    private final CassandraSession cassandra;
    private final InstantSource clock;

    public CassandraWindows(CassandraSession cassandra, InstantSource clock) {
        this.cassandra = cassandra;
        this.clock = clock;
    }

    @Override
    public Flux<WindowCounts> latest(WindowQuery query) {
        return query.size().isEmpty() && query.slide().isEmpty()
                ? counted(query.limit()).take(query.limit()).flatMapSequential(this::counts, AHEAD)
                : width().flatMapMany(width -> derived(width, query));
    }

    private Flux<WindowCounts> derived(Duration width, WindowQuery query) {
        return Flux.defer(() -> {
            DerivedWindows windows = DerivedWindows.of(width, query);
            return counted(MOST_COUNTED + 1)
                    .takeWhile(windows::wants)
                    .index()
                    .handle((Tuple2<Long, Instant> counted, SynchronousSink<Instant> sink) -> {
                        if (counted.getT1() < MOST_COUNTED) {
                            sink.next(counted.getT2());
                        } else {
                            sink.error(new WindowsRefused(
                                    "limit",
                                    "fewer or shorter windows: these are made of more than " + MOST_COUNTED
                                            + " counted ones"));
                        }
                    })
                    .flatMapSequential(this::counts, AHEAD)
                    .doOnNext(windows::add)
                    .thenMany(Flux.defer(() -> Flux.fromIterable(windows.windows())));
        });
    }

    /** How wide the counted windows are; the stream writes it when it begins. */
    private Mono<Duration> width() {
        return cassandra
                .rows(WIDTH)
                .filter(row -> !row.isNull(0))
                .map(row -> Duration.ofMillis(row.getLong(0)))
                .next();
    }

    /** The starts of the counted windows, newest first; at most {@code limit} a day. */
    private Flux<Instant> counted(int limit) {
        return Flux.defer(() -> {
            LocalDate tomorrow =
                    LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC).plusDays(1);
            return Flux.range(0, DAYS + 2)
                    .map(tomorrow::minusDays)
                    .flatMapSequential(day -> windowsOf(day, limit), AHEAD);
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
