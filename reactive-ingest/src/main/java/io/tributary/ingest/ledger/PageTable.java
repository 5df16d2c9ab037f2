package io.tributary.ingest.ledger;

import static io.tributary.ingest.postgres.Columns.bytes;
import static io.tributary.ingest.postgres.Columns.instant;
import static io.tributary.ingest.postgres.Columns.number;
import static io.tributary.ingest.postgres.Columns.value;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import io.r2dbc.spi.Readable;
import io.tributary.ingest.model.IngestException.LeaseLost;
import io.tributary.ingest.model.Lease;
import io.tributary.ingest.model.PageState;
import io.tributary.ingest.postgres.Statements;
import io.tributary.ingest.protocol.CaptureFacts;
import io.tributary.ingest.protocol.Decision;
import io.tributary.ingest.protocol.Decision.Next;
import io.tributary.ingest.protocol.Decision.Refused;
import io.tributary.ingest.protocol.PageEntry;
import io.tributary.ingest.protocol.PageEntry.Hold;
import io.tributary.ingest.protocol.PageMove;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A page's row and its moves: lock, decide by the protocol, write what was decided. Each needs the caller's transaction; the
 * row stays locked to its end. The table's checks and trigger hold the same rules once more.
 */
public final class PageTable {
    /** Of {@code page p join run r}, everything that a decision looks at. */
    static final String ENTRY = """
            p.run_id, p.page, p.state, p.epoch, p.lease_holder, p.lease_since, p.lease_until, p.attempts, p.not_before,
            p.cause, p.captured_at, p.body_bytes, p.body_sha256, p.encoder, p.users, p.digest, p.stored, p.completed_at,
            r.state = 'RUNNING' and (r.deadline is null or r.deadline > clock_timestamp()) as wanted,
            r.source_version, r.rest_until is not null as rests,
            clock_timestamp() as now
            """;

    private PageTable() {}

    /**
     * A page as it was read, locked but for {@link #foresee}.
     *
     * @param sourceVersion to which its run is pinned; null: to none yet
     * @param rests its run does, or did until a moment ago, see {@link HandOut}
     * @param now the ledger's clock then
     */
    record Locked(
            UUID runId, int page, PageEntry entry, @Nullable String sourceVersion, boolean rests, Instant now) {
        static Locked of(Readable row) {
            return new Locked(
                    value(row, "run_id", UUID.class),
                    number(row, "page"),
                    entryOf(row),
                    row.get("source_version", String.class),
                    value(row, "rests", Boolean.class),
                    instant(row, "now"));
        }

        Decision decide(PageMove move) {
            return move.on(entry, now);
        }
    }

    /** Makes the holder's move; errors with {@code LeaseLost} where it is refused. */
    public static Mono<Decision> move(PostgresqlConnection connection, Lease held, PageMove move) {
        return lock(connection, held)
                .flatMap(
                        locked -> decided(held, locked, move).flatMap(decision -> write(connection, locked, decision)));
    }

    /** What the answer to a move would be now; locks and changes nothing. Errors as {@link #move} does. */
    public static Mono<Decision> foresee(PostgresqlConnection connection, Lease held, PageMove move) {
        return read(connection, held, "").flatMap(page -> decided(held, page, move));
    }

    private static Mono<Decision> decided(Lease held, Locked page, PageMove move) {
        Decision decision = page.decide(move);
        return decision instanceof Refused refused ? Mono.error(lost(held, refused)) : Mono.just(decision);
    }

    static Mono<Locked> lock(PostgresqlConnection connection, Lease held) {
        return read(connection, held, " for update of p");
    }

    private static Mono<Locked> read(PostgresqlConnection connection, Lease held, String lock) {
        return Statements.one(
                connection
                        .createStatement("select " + ENTRY
                                + " from page p join run r on r.id = p.run_id where p.run_id = $1 and p.page = $2"
                                + lock)
                        .bind("$1", held.request().runId())
                        .bind("$2", held.request().page()),
                Locked::of);
    }

    /** Writes what was decided; nothing unless the page changes. */
    static Mono<Decision> write(PostgresqlConnection connection, Locked locked, Decision decision) {
        if (!(decision instanceof Next next)) {
            return Mono.just(decision);
        }
        return next.page().facts() != null && locked.entry().facts() == null
                ? Statements.changed(facts(
                                update(connection, locked, next.page(), FACTS),
                                next.page().facts()))
                        .thenReturn(decision)
                : Statements.changed(update(connection, locked, next.page(), ""))
                        .thenReturn(decision);
    }

    private static final String FACTS = """
            , captured_at = $13, body_bytes = $14, body_sha256 = $15, encoder = $16, users = $17, digest = $18""";

    private static PostgresqlStatement update(
            PostgresqlConnection connection, Locked locked, PageEntry page, String facts) {
        PostgresqlStatement update = connection
                .createStatement("""
                        update page set state = $3, epoch = $4, lease_holder = $5, lease_since = $6, lease_until = $7,
                          attempts = $8, not_before = $9, cause = $10, stored = $11, completed_at = $12,
                          published = $12::timestamptz is not null""" + facts + " where run_id = $1 and page = $2")
                .bind("$1", locked.runId())
                .bind("$2", locked.page())
                .bind("$3", page.state().name())
                .bind("$4", page.epoch())
                .bind("$8", page.attempts())
                .bind("$9", utc(page.notBefore()))
                .bind("$11", page.stored());
        Hold hold = page.hold();
        Statements.bindText(update, "$5", hold == null ? null : hold.holder());
        bindInstant(update, "$6", hold == null ? null : hold.since());
        bindInstant(update, "$7", hold == null ? null : hold.until());
        Statements.bindText(update, "$10", page.cause());
        bindInstant(update, "$12", page.completedAt());
        return update;
    }

    private static PostgresqlStatement facts(PostgresqlStatement update, CaptureFacts facts) {
        return update.bind("$13", utc(facts.capturedAt()))
                .bind("$14", facts.bodyBytes())
                .bind("$15", ByteBuffer.wrap(HexFormat.of().parseHex(facts.bodySha256())))
                .bind("$16", facts.encoder())
                .bind("$17", facts.users())
                .bind("$18", facts.digest());
    }

    private static PageEntry entryOf(Readable row) {
        String holder = row.get("lease_holder", String.class);
        return new PageEntry(
                PageState.valueOf(value(row, "state", String.class)),
                value(row, "epoch", Long.class),
                holder == null ? null : new Hold(holder, instant(row, "lease_since"), instant(row, "lease_until")),
                number(row, "attempts"),
                instant(row, "not_before"),
                row.get("cause", String.class),
                row.get("captured_at", OffsetDateTime.class) == null ? null : facts(row),
                value(row, "stored", Boolean.class),
                row.get("completed_at", OffsetDateTime.class) == null ? null : instant(row, "completed_at"),
                value(row, "wanted", Boolean.class));
    }

    private static CaptureFacts facts(Readable row) {
        return new CaptureFacts(
                instant(row, "captured_at"),
                number(row, "body_bytes"),
                HexFormat.of().formatHex(bytes(row, "body_sha256")),
                number(row, "encoder"),
                number(row, "users"),
                value(row, "digest", Long.class));
    }

    static LeaseLost lost(Lease held, Refused refused) {
        return new LeaseLost(held + ": refused, " + refused.why());
    }

    static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    private static void bindInstant(PostgresqlStatement statement, String name, @Nullable Instant value) {
        if (value == null) {
            statement.bindNull(name, OffsetDateTime.class);
        } else {
            statement.bind(name, utc(value));
        }
    }
}
