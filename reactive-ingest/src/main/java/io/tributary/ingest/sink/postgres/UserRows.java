package io.tributary.ingest.sink.postgres;

import io.netty.buffer.ByteBuf;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.tributary.ingest.ledger.PageTable;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.CapturedPage.EncodedEvent;
import io.tributary.ingest.postgres.BinaryCopy;
import io.tributary.ingest.postgres.Postgres;
import io.tributary.ingest.protocol.Decision;
import io.tributary.ingest.protocol.Decision.Already;
import io.tributary.ingest.protocol.Decision.Next;
import io.tributary.ingest.protocol.PageMove;
import io.tributary.ingest.sink.PageSink;
import io.tributary.schemas.User;
import io.tributary.schemas.UserEvent;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One typed row a user, by binary COPY. COPY knows no {@code ON CONFLICT}; what makes it idempotent is the ledger: the
 * transaction that copies flips the page's {@code stored} flag, and who finds it flipped has nothing left to do.
 *
 * <p>The page's row is locked only when the rows are there: a COPY that waits, for a locked table or a slow disk, must not
 * keep the lease from being renewed beside it. Of two workers that copy at once the second meets the first one's keys.
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
        PageMove store = new PageMove.Store(page.lease().epoch());
        return postgres.inTransaction(connection -> PageTable.foresee(connection, page.lease(), store)
                        .flatMap(decision -> decision instanceof Next
                                ? copy(connection, page).then(PageTable.move(connection, page.lease(), store))
                                : Mono.just(decision)))
                .onErrorResume(Postgres::isDuplicate, taken -> storedByAnother(page, store, taken))
                .then();
    }

    private Mono<Decision> storedByAnother(CapturedPage page, PageMove store, Throwable taken) {
        return postgres.withConnection(connection -> PageTable.foresee(connection, page.lease(), store))
                .flatMap(decision -> decision instanceof Already ? Mono.just(decision) : Mono.error(taken));
    }

    private static Mono<Long> copy(PostgresqlConnection connection, CapturedPage page) {
        return connection.copyIn(COPY_USERS, binary(page));
    }

    /** The page's rows as COPY takes them, made on demand; who takes a buffer releases it. */
    public static Flux<ByteBuf> binary(CapturedPage page) {
        return BinaryCopy.of(page.events(), COLUMNS, UserRows::row);
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
