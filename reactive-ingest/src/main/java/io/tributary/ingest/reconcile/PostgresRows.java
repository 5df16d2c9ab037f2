package io.tributary.ingest.reconcile;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.Readable;
import io.tributary.ingest.model.IngestException.ReadFailed;
import io.tributary.ingest.model.IngestException.StoreFailed;
import io.tributary.ingest.model.PageSum;
import io.tributary.ingest.model.Run;
import io.tributary.ingest.postgres.Postgres;
import io.tributary.schemas.Digest;
import io.tributary.schemas.User;
import io.tributary.schemas.UserEvent;
import io.tributary.schemas.UserEventEncoder;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * PostgreSQL's typed rows, each made an event again and hashed. What a row does not hold itself comes from the ledger:
 * its page's event time and size, its run's window.
 *
 * <p>Rows come through a cursor, {@link #FETCH} at a time, while the one page that is being filled asks for more.
 */
final class PostgresRows implements StoreReader {
    static final String STORE = "postgres";

    /** Rows on their way, about 600 bytes each. */
    private static final int FETCH = 2_000;

    private static final String ROWS = """
            select page, position, user_id, nationality, gender, title, first_name, last_name, street_number, street_name,
                   city, state, country, postcode, latitude, longitude, timezone_offset, timezone, email, username,
                   born_at, age, registered_at, registered_age, phone, cell, id_name, id_value, picture
            from users
            where run_id = $1 and page between $2 and $3
            order by page, position""";

    private final Postgres postgres;
    private final Scheduler cpu;
    private final Duration patience;

    /**
     * A reader on a pool's connections, one for each reading.
     *
     * @param cpu where rows are encoded and hashed: not on the driver's event loop
     * @param patience longest silence between two pages
     */
    PostgresRows(Postgres postgres, Scheduler cpu, Duration patience) {
        this.postgres = postgres;
        this.cpu = cpu;
        this.patience = patience;
    }

    @Override
    public String store() {
        return STORE;
    }

    @Override
    public Flux<PageContent> read(Slice slice) {
        return Flux.defer(() -> {
                    Filling filling = new Filling(slice);
                    return postgres.streaming(connection -> rows(connection, slice))
                            .publishOn(cpu, FETCH)
                            .<PageContent>handle((row, sink) -> {
                                PageContent finished = filling.add(row);
                                if (finished != null) {
                                    sink.next(finished);
                                }
                            })
                            .concatWith(Mono.fromSupplier(filling::last));
                })
                .timeout(patience)
                .onErrorMap(PostgresRows::readFailed);
    }

    private static Flux<StoredUser> rows(PostgresqlConnection connection, Slice slice) {
        return connection
                .createStatement(ROWS)
                .bind("$1", slice.run().id())
                .bind("$2", slice.readFrom())
                .bind("$3", slice.readTo())
                .fetchSize(FETCH)
                .execute()
                .concatMap(result -> result.map(PostgresRows::storedUser));
    }

    /** A row as it is: null where it holds what a {@link User} can not. */
    private record StoredUser(
            int page, int position, @Nullable User user) {}

    private static StoredUser storedUser(Readable row) {
        int page = notNull(row.get(0, Integer.class));
        int position = notNull(row.get(1, Integer.class));
        try {
            return new StoredUser(page, position, user(row));
        } catch (DateTimeException | IllegalArgumentException | ArithmeticException e) { // such as 'infinity'
            return new StoredUser(page, position, null);
        }
    }

    private static User user(Readable row) {
        return new User(
                notNull(row.get(2, UUID.class)),
                notNull(text(row, 3)),
                notNull(text(row, 4)),
                text(row, 5),
                text(row, 6),
                text(row, 7),
                whole(row, 8),
                text(row, 9),
                text(row, 10),
                text(row, 11),
                text(row, 12),
                text(row, 13),
                real(row, 14),
                real(row, 15),
                text(row, 16),
                text(row, 17),
                text(row, 18),
                text(row, 19),
                instant(row, 20),
                whole(row, 21),
                instant(row, 22),
                whole(row, 23),
                text(row, 24),
                text(row, 25),
                text(row, 26),
                text(row, 27),
                text(row, 28));
    }

    private static @Nullable String text(Readable row, int column) {
        return row.get(column, String.class);
    }

    private static @Nullable Integer whole(Readable row, int column) {
        return row.get(column, Integer.class);
    }

    private static @Nullable Double real(Readable row, int column) {
        return row.get(column, Double.class);
    }

    private static @Nullable Instant instant(Readable row, int column) {
        return row.get(column, Instant.class);
    }

    private static <T> T notNull(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("a column that is declared not null is null");
        }
        return value;
    }

    /** The page that rows are being added to; rows come by page. */
    private static final class Filling {
        private final Slice slice;
        private final UserEventEncoder encoder = new UserEventEncoder();
        private @Nullable PageContent content;

        Filling(Slice slice) {
            this.slice = slice;
        }

        /** Returns the page before, when this row begins another one. */
        @Nullable
        PageContent add(StoredUser row) {
            PageContent before = content;
            PageContent now = before;
            if (now == null || now.page() != row.page()) {
                now = slice.emptyPage(row.page());
                content = now;
            }
            hash(row, now);
            return now == before ? null : before;
        }

        private void hash(StoredUser row, PageContent page) {
            User user = row.user();
            if (user == null) {
                page.addUnreadable(row.position());
                return;
            }
            try {
                page.add(row.position(), Digest.hashOf(encoder.body(event(row, user))));
            } catch (ArithmeticException e) { // an instant that microseconds can not hold
                page.addUnreadable(row.position());
            }
        }

        private UserEvent event(StoredUser row, User user) {
            Run run = slice.run();
            PageSum sum = slice.sums().get(row.page());
            return new UserEvent(
                    run.id(),
                    row.page(),
                    row.position(),
                    sum == null ? 0 : sum.pageUsers(),
                    sum == null ? Instant.EPOCH : sum.capturedAt(),
                    run.windowStart(),
                    run.windowEnd(),
                    user);
        }

        @Nullable
        PageContent last() {
            return content;
        }
    }

    private static Throwable readFailed(Throwable error) {
        if (error instanceof StoreFailed || error instanceof TimeoutException) {
            return new ReadFailed(STORE + " could not be read: " + error.getMessage(), error);
        }
        return error;
    }
}
