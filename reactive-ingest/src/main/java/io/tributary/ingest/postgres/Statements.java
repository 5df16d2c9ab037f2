package io.tributary.ingest.postgres;

import io.r2dbc.postgresql.api.PostgresqlResult;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import io.r2dbc.spi.Readable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Running one statement. All are cold. */
public final class Statements {
    private Statements() {}

    /** The row, or empty; an error when there are more. */
    public static <T> Mono<T> one(PostgresqlStatement statement, Function<Readable, T> read) {
        return rows(statement, read).singleOrEmpty();
    }

    public static <T> Flux<T> rows(PostgresqlStatement statement, Function<Readable, T> read) {
        return statement.execute().concatMap(result -> result.map(read));
    }

    /** The number of rows that an insert, update or delete touched. */
    public static Mono<Long> changed(PostgresqlStatement statement) {
        return statement.execute().concatMap(PostgresqlResult::getRowsUpdated).reduce(0L, Long::sum);
    }

    public static void bindText(PostgresqlStatement statement, String name, @Nullable String value) {
        if (value == null) {
            statement.bindNull(name, String.class);
        } else {
            statement.bind(name, value);
        }
    }
}
