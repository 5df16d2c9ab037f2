package io.tributary.ingest.ledger;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.FetchedPage;
import io.tributary.ingest.model.IngestException;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.LeaseLost;
import io.tributary.ingest.model.IngestException.SourceFailed;
import io.tributary.ingest.model.IngestException.StoreFailed;
import io.tributary.ingest.model.Lease;
import io.tributary.ingest.model.NewRun;
import io.tributary.ingest.model.PageRequest;
import io.tributary.ingest.model.PageSum;
import io.tributary.ingest.model.ParsedPage;
import io.tributary.ingest.model.Run;
import io.tributary.ingest.model.RunProgress;
import io.tributary.ingest.postgres.BinaryCopy;
import io.tributary.ingest.postgres.Columns;
import io.tributary.ingest.postgres.Postgres;
import io.tributary.ingest.postgres.Statements;
import io.tributary.schemas.UserEventSchema;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** The ledger in PostgreSQL. States and facts are enforced by the tables' checks and trigger; here are the moves. */
public final class PostgresLedger implements RunLedger {
    /** How bytes of a response become users; the same bytes always the same users. */
    @FunctionalInterface
    public interface Parser {
        ParsedPage parse(PageRequest request, byte[] body);
    }

    private static final int ATTEMPTS = 5;
    private static final Duration TRANSIENT_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);
    private static final int CAUSE_CHARACTERS = 500;

    private static final String RUN_COLUMNS =
            "id, state, window_start, window_end, users, page_size, seed, nat, gender, created_at, finished_at";

    private final Postgres postgres;
    private final String holder;
    private final Duration lease;
    private final Parser parser;
    private final Scheduler cpu;
    private final Supplier<UUID> ids;

    /**
     * A worker's view of the ledger.
     *
     * @param holder who is named on leases
     * @param lease how long a page is held without a renewal
     * @param cpu where bodies are compressed, parsed and encoded, so that no event loop does it
     */
    public PostgresLedger(
            Postgres postgres, String holder, Duration lease, Parser parser, Scheduler cpu, Supplier<UUID> ids) {
        this.postgres = postgres;
        this.holder = holder;
        this.lease = lease;
        this.parser = parser;
        this.cpu = cpu;
        this.ids = ids;
    }

    @Override
    public Mono<Created> create(NewRun wanted) {
        return postgres.inTransaction(connection -> insertRun(connection, wanted, ids.get())
                .flatMap(run -> insertPages(connection, run).thenReturn(new Created(run, true, true)))
                // the key is taken; a transaction that took it is committed by now, because the insert waited for it
                .switchIfEmpty(Mono.defer(() -> runByKey(connection, wanted.idempotencyKey())
                        .map(run -> new Created(run, false, sameParameters(run, wanted))))));
    }

    private static Mono<Run> insertRun(PostgresqlConnection connection, NewRun wanted, UUID id) {
        String seed = wanted.seed() != null || wanted.gender() != null ? wanted.seed() : SourceSeeds.of(id);
        PostgresqlStatement insert = connection
                .createStatement("""
                        insert into run (id, idempotency_key, window_start, window_end, users, page_size, seed, nat, gender)
                        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                        on conflict (idempotency_key) do nothing
                        returning\s""" + RUN_COLUMNS)
                .bind("$1", id)
                .bind("$2", wanted.idempotencyKey())
                .bind("$3", utc(wanted.windowStart()))
                .bind("$4", utc(wanted.windowEnd()))
                .bind("$5", wanted.users())
                .bind("$6", wanted.pageSize())
                .bind("$8", wanted.nationalities().toArray(String[]::new));
        Statements.bindText(insert, "$7", seed);
        Statements.bindText(insert, "$9", wanted.gender());
        return Statements.one(insert, LedgerRows::run);
    }

    private static Mono<Long> insertPages(PostgresqlConnection connection, Run run) {
        PostgresqlStatement insert = connection
                .createStatement("""
                        insert into page (run_id, page, page_users, source_seed, source_page)
                        select $1, n, least($2, $3 - (n - 1) * $2), ($4::text[])[(n - 1) / $5 + 1], (n - 1) % $5 + 1
                        from generate_series(1, $6) n""")
                .bind("$1", run.id())
                .bind("$2", run.pageSize())
                .bind("$3", run.users())
                .bind("$4", SourceSeeds.forPages(run.seed(), run.pages()))
                .bind("$5", SourceSeeds.PAGES_OF_A_SEED)
                .bind("$6", run.pages());
        return Statements.changed(insert);
    }

    private static Mono<Run> runByKey(PostgresqlConnection connection, String key) {
        return Statements.one(
                connection
                        .createStatement("select " + RUN_COLUMNS + " from run where idempotency_key = $1")
                        .bind("$1", key),
                LedgerRows::run);
    }

    private static boolean sameParameters(Run run, NewRun wanted) {
        boolean sameSeed = wanted.seed() == null
                ? wanted.gender() != null || SourceSeeds.of(run.id()).equals(run.seed())
                : wanted.seed().equals(run.seed());
        return sameSeed
                && run.windowStart().equals(wanted.windowStart())
                && run.windowEnd().equals(wanted.windowEnd())
                && run.users() == wanted.users()
                && run.pageSize() == wanted.pageSize()
                && run.nationalities().equals(wanted.nationalities())
                && Objects.equals(run.gender(), wanted.gender());
    }

    @Override
    public Mono<Lease> lease(boolean mayFetch) {
        // in the order of page_open: runs as they were created, their pages from the first; failed pages when their
        // pause is over
        return postgres.withConnection(connection -> Statements.one(
                connection
                        .createStatement("""
                                with next as (
                                  select run_id, page from page
                                  where state in ('PLANNED', 'LEASED', 'CAPTURED')
                                    and ($3 or state = 'CAPTURED')
                                    and not_before <= clock_timestamp()
                                    and (lease_until is null or lease_until < clock_timestamp())
                                  order by not_before, page
                                  limit 1
                                  for update skip locked)
                                update page p
                                set state = case when p.state = 'PLANNED' then 'LEASED' else p.state end,
                                    epoch = p.epoch + 1,
                                    lease_holder = $1,
                                    lease_until = clock_timestamp() + $2 * interval '1 millisecond'
                                from next, run r
                                where p.run_id = next.run_id and p.page = next.page and r.id = p.run_id
                                returning p.run_id, p.page, p.page_users, p.source_seed, p.source_page, p.epoch,
                                          p.state, r.window_start, r.window_end, r.nat, r.gender""")
                        .bind("$1", holder)
                        .bind("$2", lease.toMillis())
                        .bind("$3", mayFetch),
                LedgerRows::lease));
    }

    @Override
    public Mono<Void> renew(Lease held) {
        return postgres.withConnection(connection ->
                        Statements.changed(fenced(connection, held, """
                        update page set lease_until = clock_timestamp() + $4 * interval '1 millisecond'
                        where run_id = $1 and page = $2 and epoch = $3 and state in ('LEASED', 'CAPTURED')""").bind("$4", lease.toMillis())))
                .flatMap(rows -> rows == 1 ? Mono.empty() : Mono.error(lost(held)));
    }

    @Override
    public Mono<CapturedPage> capture(Lease held, FetchedPage fetched) {
        return Mono.fromCallable(() -> StoredBody.of(fetched.body()))
                .subscribeOn(cpu)
                .flatMap(body -> postgres.inTransaction(connection -> clockOf(connection, held)
                        .publishOn(cpu)
                        .map(now -> CapturedPage.of(held, now, fetched.users()))
                        .flatMap(page -> writeFacts(connection, page, body)
                                .then(writeBody(connection, held.request(), body))
                                .thenReturn(page))));
    }

    /** Locks the page, still ours and not captured, and reads the clock that gives the event time. */
    private static Mono<Instant> clockOf(PostgresqlConnection connection, Lease held) {
        return Statements.one(fenced(connection, held, """
                        select date_trunc('milliseconds', clock_timestamp()) as now from page
                        where run_id = $1 and page = $2 and epoch = $3 and state = 'LEASED'
                        for update"""), row -> Columns.instant(row, "now"))
                .switchIfEmpty(Mono.error(() -> lost(held)));
    }

    private static Mono<Long> writeFacts(PostgresqlConnection connection, CapturedPage page, StoredBody body) {
        return Statements.changed(fenced(connection, page.lease(), """
                update page set state = 'CAPTURED', captured_at = $4, body_bytes = $5, body_sha256 = $6,
                                encoder = $7, users = $8, digest = $9
                where run_id = $1 and page = $2 and epoch = $3""")
                .bind("$4", utc(page.capturedAt()))
                .bind("$5", body.bytes())
                .bind("$6", ByteBuffer.wrap(body.sha256()))
                .bind("$7", UserEventSchema.VERSION)
                .bind("$8", page.events().size())
                .bind("$9", page.digest().sum()));
    }

    private static Mono<Long> writeBody(PostgresqlConnection connection, PageRequest request, StoredBody body) {
        return connection.copyIn(
                "copy response (run_id, page, body) from stdin (format binary)",
                BinaryCopy.of(
                        List.of(body),
                        3,
                        (one, row) ->
                                row.uuid(request.runId()).int4(request.page()).bytea(one.compressed())));
    }

    @Override
    public Mono<CapturedPage> readBack(Lease held) {
        PageRequest request = held.request();
        return original(request.runId(), request.page())
                .map(page -> new CapturedPage(held, page.capturedAt(), page.events(), page.dead(), page.digest()))
                .switchIfEmpty(Mono.error(() -> lost(held)));
    }

    @Override
    public Mono<CapturedPage> original(UUID runId, int page) {
        return postgres.withConnection(connection -> Statements.one(
                        connection.createStatement("""
                                select p.run_id, p.page, p.page_users, p.source_seed, p.source_page, p.epoch, p.state,
                                       r.window_start, r.window_end, r.nat, r.gender,
                                       p.captured_at, p.body_bytes, p.body_sha256, p.users, p.digest, o.body
                                from page p join run r on r.id = p.run_id
                                     join response o on o.run_id = p.run_id and o.page = p.page
                                where p.run_id = $1 and p.page = $2""").bind("$1", runId).bind("$2", page), LedgerRows.Original::of))
                .publishOn(cpu)
                .map(this::readAgain);
    }

    private CapturedPage readAgain(LedgerRows.Original original) {
        Lease held = original.lease();
        ParsedPage parsed = parser.parse(held.request(), original.body().inflated(held));
        CapturedPage page = CapturedPage.of(held, original.capturedAt(), parsed);
        if (!page.digest().equals(original.digest())) {
            throw new StoreFailed(
                    Kind.REJECTED,
                    held + ": the stored response gives " + page.digest() + ", the ledger says " + original.digest(),
                    null);
        }
        return page;
    }

    @Override
    public Mono<Void> complete(Lease held) {
        return postgres.withConnection(connection -> Statements.changed(fenced(connection, held, """
                        update page set state = 'COMPLETE', published = true, completed_at = clock_timestamp(),
                                        lease_holder = null, lease_until = null, cause = null
                        where run_id = $1 and page = $2 and epoch = $3 and state = 'CAPTURED' and stored"""))
                .flatMap(rows -> rows == 1 ? finish(connection, held.request().runId()) : Mono.error(lost(held))));
    }

    @Override
    public Mono<Void> finishEnded() {
        return postgres.withConnection(connection -> finish(connection, null));
    }

    /**
     * Ends a run, or any, whose last page has ended. By itself, after the page's commit: of two pages that end at the same
     * time one must see both.
     */
    private static Mono<Void> finish(PostgresqlConnection connection, @Nullable UUID runId) {
        PostgresqlStatement update = connection.createStatement("""
                update run r set finished_at = clock_timestamp(), state = case when exists
                  (select from page where run_id = r.id and state = 'QUARANTINED') then 'INCOMPLETE' else 'COMPLETE' end
                where state = 'RUNNING' and ($1::uuid is null or id = $1) and not exists
                  (select from page where run_id = r.id and state in ('PLANNED', 'LEASED', 'CAPTURED'))""");
        return Statements.changed(runId == null ? update.bindNull("$1", UUID.class) : update.bind("$1", runId))
                .then();
    }

    @Override
    public Mono<Void> giveBack(Lease held, Throwable cause) {
        return postgres.withConnection(connection -> Statements.changed(fenced(connection, held, """
                        update page set attempts = attempts + $4,
                          state = case when attempts + $4 >= $5 then 'QUARANTINED'
                                       when state = 'LEASED' then 'PLANNED' else state end,
                          not_before = clock_timestamp() + $6 * interval '1 millisecond' * (0.5 + random()),
                          cause = $7, lease_holder = null, lease_until = null
                        where run_id = $1 and page = $2 and epoch = $3 and state in ('LEASED', 'CAPTURED')""")
                        .bind("$4", counts(cause) ? 1 : 0)
                        .bind("$5", ATTEMPTS)
                        .bind("$6", pause(cause).toMillis())
                        .bind("$7", shortened(cause)))
                .flatMap(rows -> finish(connection, held.request().runId())));
    }

    /** Servers that are away cost a page nothing; being refused, and a bug of ours, are attempts. */
    private static boolean counts(Throwable cause) {
        return Exceptions.unwrapMultiple(cause).stream()
                .anyMatch(one -> !(one instanceof IngestException known && known.isTransient()));
    }

    private static Duration pause(Throwable cause) {
        Duration asked =
                cause instanceof SourceFailed source ? source.retryAfter().orElse(TRANSIENT_PAUSE) : TRANSIENT_PAUSE;
        return asked.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : asked;
    }

    private static String shortened(Throwable cause) {
        String text = cause.toString().replace("\0", "");
        return text.length() <= CAUSE_CHARACTERS ? text : text.substring(0, CAUSE_CHARACTERS);
    }

    @Override
    public Mono<Void> release(Lease held) {
        return postgres.withConnection(connection -> Statements.changed(fenced(connection, held, """
                        update page set state = case when state = 'LEASED' then 'PLANNED' else state end,
                                        lease_holder = null, lease_until = null
                        where run_id = $1 and page = $2 and epoch = $3 and state in ('LEASED', 'CAPTURED')""")))
                .then();
    }

    @Override
    public Mono<Run> cancel(UUID runId) {
        return postgres.inTransaction(connection -> Statements.one(
                        connection.createStatement("""
                                update run set state = 'CANCELLED', finished_at = clock_timestamp()
                                where id = $1 and state = 'RUNNING' returning\s""" + RUN_COLUMNS).bind("$1", runId), LedgerRows::run)
                .flatMap(run -> Statements.changed(
                                connection.createStatement("""
                                update page set state = 'PLANNED', epoch = epoch + 1, not_before = 'infinity',
                                                lease_holder = null, lease_until = null
                                where run_id = $1 and state in ('PLANNED', 'LEASED')""").bind("$1", runId))
                        .thenReturn(run))
                .switchIfEmpty(Mono.defer(() -> run(connection, runId))));
    }

    @Override
    public Mono<Run> run(UUID runId) {
        return postgres.withConnection(connection -> run(connection, runId));
    }

    private static Mono<Run> run(PostgresqlConnection connection, UUID runId) {
        return Statements.one(
                connection
                        .createStatement("select " + RUN_COLUMNS + " from run where id = $1")
                        .bind("$1", runId),
                LedgerRows::run);
    }

    @Override
    public Flux<RunProgress> newest(int limit) {
        return postgres.streaming(connection -> connection
                .createStatement("select id from run order by created_at desc limit $1")
                .bind("$1", limit)
                .execute()
                .flatMap(result -> result.map(row -> Columns.value(row, "id", UUID.class)))
                .collectList() // at most limit ids
                .flatMapMany(ids -> Flux.fromIterable(ids).concatMap(id -> progress(connection, id))));
    }

    @Override
    public Mono<RunProgress> progress(UUID runId) {
        return postgres.withConnection(connection -> progress(connection, runId));
    }

    private static Mono<RunProgress> progress(PostgresqlConnection connection, UUID runId) {
        return run(connection, runId)
                .flatMap(run -> Statements.rows(
                                connection.createStatement("""
                                select state, count(*)::int as pages,
                                  coalesce(sum(page_users) filter (where captured_at is not null), 0) as captured,
                                  coalesce(sum(users) filter (where stored), 0) as stored,
                                  coalesce(sum(users) filter (where published), 0) as published,
                                  coalesce(sum(page_users - users), 0) as dead
                                from page where run_id = $1 group by state""").bind("$1", runId), LedgerRows.StateCount::of)
                        .reduce(LedgerRows.StateCount.NONE.in(run), (sum, count) -> count.addedTo(sum)));
    }

    @Override
    public Flux<PageSum> captured(UUID runId, int from, int to) {
        return postgres.streaming(connection -> Statements.rows(
                connection
                        .createStatement("""
                        select page, page_users, captured_at, users, digest from page
                        where run_id = $1 and page between $2 and $3 and captured_at is not null order by page""")
                        .bind("$1", runId)
                        .bind("$2", from)
                        .bind("$3", to),
                LedgerRows::pageSum));
    }

    private static PostgresqlStatement fenced(PostgresqlConnection connection, Lease held, String sql) {
        return connection
                .createStatement(sql)
                .bind("$1", held.request().runId())
                .bind("$2", held.request().page())
                .bind("$3", held.epoch());
    }

    private static LeaseLost lost(Lease held) {
        return new LeaseLost(held + ": the page is another worker's by now");
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
