package io.tributary.ingest.sink.postgres;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.CapturedPage.EncodedEvent;
import io.tributary.ingest.model.DeadUser;
import io.tributary.ingest.model.IngestException.LeaseLost;
import io.tributary.ingest.model.Lease;
import io.tributary.ingest.postgres.BinaryCopy;
import io.tributary.ingest.postgres.Columns;
import io.tributary.ingest.postgres.Postgres;
import io.tributary.ingest.postgres.Statements;
import io.tributary.ingest.sink.PageSink;
import io.tributary.schemas.User;
import io.tributary.schemas.UserEvent;
import reactor.core.publisher.Mono;

/**
 * One typed row a user, by binary COPY. COPY knows no {@code ON CONFLICT}; what makes it idempotent is the ledger: the
 * transaction that copies flips the page's {@code stored} flag, and who finds it flipped has nothing left to do.
 */
public final class UserRows implements PageSink {
    private static final int COLUMNS = 30;
    private static final String COPY_USERS = """
            copy users (run_id, page, position, user_id, nationality, gender, title, first_name, last_name,
              street_number, street_name, city, state, country, postcode, latitude, longitude, timezone_offset, timezone,
              email, username, born_at, age, registered_at, registered_age, phone, cell, id_name, id_value, picture)
            from stdin (format binary)""";

    private final Postgres postgres;

    public UserRows(Postgres postgres) {
        this.postgres = postgres;
    }

    @Override
    public Mono<Void> deliver(CapturedPage page) {
        return postgres.inTransaction(connection ->
                        flip(connection, page.lease()).flatMap(mine -> mine ? copy(connection, page) : Mono.just(0L)))
                .then();
    }

    /** True when the rows are ours to write, false when they are there. */
    private static Mono<Boolean> flip(PostgresqlConnection connection, Lease lease) {
        return Statements.changed(connection
                        .createStatement("""
                        update page set stored = true
                        where run_id = $1 and page = $2 and epoch = $3 and state = 'CAPTURED' and not stored""")
                        .bind("$1", lease.request().runId())
                        .bind("$2", lease.request().page())
                        .bind("$3", lease.epoch()))
                .flatMap(rows -> rows == 1 ? Mono.just(true) : storedBefore(connection, lease));
    }

    private static Mono<Boolean> storedBefore(PostgresqlConnection connection, Lease lease) {
        return Statements.one(
                        connection
                                .createStatement("select stored from page where run_id = $1 and page = $2")
                                .bind("$1", lease.request().runId())
                                .bind("$2", lease.request().page()),
                        row -> Columns.value(row, "stored", Boolean.class))
                .flatMap(stored -> stored
                        ? Mono.just(false)
                        : Mono.error(new LeaseLost(lease + ": the page is another worker's by now")));
    }

    private static Mono<Long> copy(PostgresqlConnection connection, CapturedPage page) {
        return connection
                .copyIn(COPY_USERS, BinaryCopy.of(page.events(), COLUMNS, UserRows::row))
                .then(copyDead(connection, page));
    }

    private static Mono<Long> copyDead(PostgresqlConnection connection, CapturedPage page) {
        if (page.dead().isEmpty()) {
            return Mono.just(0L);
        }
        return connection.copyIn(
                "copy dead_letter (run_id, page, position, reason) from stdin (format binary)",
                BinaryCopy.<DeadUser>of(
                        page.dead(),
                        4,
                        (dead, row) -> row.uuid(page.lease().request().runId())
                                .int4(page.lease().request().page())
                                .int4(dead.position())
                                .text(dead.reason())));
    }

    private static void row(EncodedEvent encoded, BinaryCopy row) {
        UserEvent event = encoded.event();
        User user = event.user();
        row.uuid(event.runId())
                .int4(event.page())
                .int4(event.position())
                .uuid(user.userId())
                .text(user.nationality())
                .text(user.gender())
                .text(user.title())
                .text(user.firstName())
                .text(user.lastName())
                .int4(user.streetNumber())
                .text(user.streetName())
                .text(user.city())
                .text(user.state())
                .text(user.country())
                .text(user.postcode())
                .float8(user.latitude())
                .float8(user.longitude())
                .text(user.timezoneOffset())
                .text(user.timezone())
                .text(user.email())
                .text(user.username())
                .timestamptz(user.bornAt())
                .int4(user.age())
                .timestamptz(user.registeredAt())
                .int4(user.registeredAge())
                .text(user.phone())
                .text(user.cell())
                .text(user.idName())
                .text(user.idValue())
                .text(user.picture());
    }
}
