package io.tributary.ingest.source.pace;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import io.r2dbc.spi.Readable;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.StoreFailed;
import io.tributary.ingest.postgres.Columns;
import io.tributary.ingest.postgres.Postgres;
import io.tributary.ingest.postgres.Statements;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import reactor.core.publisher.Mono;

/**
 * The pace in the ledger's database, by its clock: one row a source address, so that instances together take what one may
 * take, and what was learned outlives them.
 *
 * <p>A change is a read and an update that counts only when nobody was faster, and is made again otherwise: no lock is held
 * while this process could be stopped.
 */
public final class PostgresPace extends SharedPace {
    /** Each time somebody else was faster, so somebody got on; many instances at once need a few. */
    private static final int MOST_REPEATS = 100;

    private static final String READ = "select version, "
            + PaceColumn.ALL.stream().map(PaceColumn::name).collect(Collectors.joining(", "))
            + ", (extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms from source_pace where source = $1";
    private static final int FIRST_PARAMETER = 3;
    private static final String WRITE = "update source_pace set version = version + 1, "
            + IntStream.range(0, PaceColumn.ALL.size())
                    .mapToObj(i -> PaceColumn.ALL.get(i).name() + " = $" + (FIRST_PARAMETER + i))
                    .collect(Collectors.joining(", "))
            + " where source = $1 and version = $2";

    private final Postgres postgres;
    private final String source;

    private record Row(long version, long nowMs, Pace pace) {
        static Row of(Readable row) {
            Pace pace = new Pace();
            for (PaceColumn column : PaceColumn.ALL) {
                column.write().accept(pace, Columns.value(row, column.name(), Long.class));
            }
            return new Row(Columns.value(row, "version", Long.class), Columns.value(row, "now_ms", Long.class), pace);
        }
    }

    /**
     * The pace of one source.
     *
     * @param source its address: those who name the same share it
     * @param longestRequest of this client, to its last byte
     */
    public PostgresPace(Postgres postgres, String source, Duration longestRequest) {
        super(longestRequest);
        this.postgres = postgres;
        this.source = source;
    }

    @Override
    <T> Mono<T> use(Use<T> use) {
        return postgres.withConnection(connection -> row(connection)
                .flatMap(row -> {
                    T result = use.of(row.pace(), row.nowMs());
                    return write(connection, row).flatMap(rows -> rows == 1 ? Mono.just(result) : Mono.<T>empty());
                })
                .repeatWhenEmpty(MOST_REPEATS, again -> again)
                .onErrorMap(
                        IllegalStateException.class,
                        e -> new StoreFailed(Kind.TRANSIENT, "the pace of " + source + " changes all the time", e)));
    }

    private Mono<Row> row(PostgresqlConnection connection) {
        Mono<Row> read = Statements.one(connection.createStatement(READ).bind("$1", source), Row::of);
        Mono<Long> create = Statements.changed(connection
                .createStatement("insert into source_pace (source) values ($1) on conflict (source) do nothing")
                .bind("$1", source));
        return read.switchIfEmpty(create.then(read));
    }

    private Mono<Long> write(PostgresqlConnection connection, Row row) {
        PostgresqlStatement update =
                connection.createStatement(WRITE).bind("$1", source).bind("$2", row.version());
        for (int i = 0; i < PaceColumn.ALL.size(); i++) {
            update.bind(
                    "$" + (FIRST_PARAMETER + i), PaceColumn.ALL.get(i).read().applyAsLong(row.pace()));
        }
        return Statements.changed(update);
    }
}
