package io.tributary.ingest.ledger;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.DeadUser;
import io.tributary.ingest.model.FetchedPage;
import io.tributary.ingest.model.IngestException;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.LeaseLost;
import io.tributary.ingest.model.IngestException.SourceFailed;
import io.tributary.ingest.model.IngestException.StoreFailed;
import io.tributary.ingest.model.Lease;
import io.tributary.ingest.model.NewRun;
import io.tributary.ingest.model.PageRequest;
import io.tributary.ingest.model.PageState;
import io.tributary.ingest.model.PageSum;
import io.tributary.ingest.model.ParsedPage;
import io.tributary.ingest.model.PlacedUser;
import io.tributary.ingest.model.Run;
import io.tributary.ingest.model.RunProgress;
import io.tributary.ingest.postgres.BinaryCopy;
import io.tributary.ingest.postgres.Postgres;
import io.tributary.ingest.postgres.Statements;
import io.tributary.ingest.protocol.CaptureFacts;
import io.tributary.ingest.protocol.Decision;
import io.tributary.ingest.protocol.PageEntry.Hold;
import io.tributary.ingest.protocol.PageMove;
import io.tributary.schemas.UserEventSchema;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** The ledger in PostgreSQL. Each move of a page is decided by the protocol under the row's
 * lock, see {@link PageTable}; the tables' checks and trigger hold the same rules once more. */
public final class PostgresLedger implements RunLedger {
    /** How bytes of a response become users; the same bytes always the same users. */
    @FunctionalInterface
    public interface Parser {
        ParsedPage parse(PageRequest request, byte[] body);
    }

    private static final Duration TRANSIENT_PAUSE = Duration.ofMillis(500);
    /** Doubled by the protocol after each attempt. */
    private static final Duration ATTEMPT_PAUSE = Duration.ofMillis(250);

    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);
    private static final int CAUSE_CHARACTERS = 500;
    /** Quarantined pages that are opened again in one transaction. */
    private static final int REDRIVEN_AT_ONCE = 500;

    private final Postgres postgres;
    private final String holder;
    private final Duration lease;
    private final Parser parser;
    private final Scheduler cpu;
    private final Supplier<UUID> ids;

    /**
     * A worker's view of the ledger.
     *
     * @param holder who is named on leases, {@code instance/life}: each life of a process has a name of its own
     * @param lease how long a page is held without a renewal
     * @param cpu where bodies are compressed, parsed and encoded, so that no event loop does it
     */
    public PostgresLedger(
            Postgres postgres, String holder, Duration lease, Parser parser, Scheduler cpu, Supplier<UUID> ids) {
        if (holder.indexOf('/') < 1) {
            throw new IllegalArgumentException("expected instance/life, not " + holder);
        }
        this.postgres = postgres;
        this.holder = holder;
        this.lease = lease;
        this.parser = parser;
        this.cpu = cpu;
        this.ids = ids;
    }

    @Override
    public Mono<Created> create(NewRun wanted) {
        return postgres.inTransaction(connection -> RunTable.insert(connection, wanted, ids.get())
                .flatMap(run -> RunTable.insertPages(connection, run).thenReturn(new Created(run, true, true)))
                // the key is taken; a transaction that took it is committed by now, because the insert waited for it
                .switchIfEmpty(Mono.defer(() -> RunTable.byKey(connection, wanted.idempotencyKey())
                        .map(run -> new Created(run, false, RunTable.sameParameters(run, wanted))))));
    }

    @Override
    public Mono<Lease> lease(boolean mayFetch) {
        PageMove.Take take = new PageMove.Take(holder, lease, mayFetch);
        return postgres.inTransaction(connection -> HandOut.next(connection, take));
    }

    @Override
    public Mono<Void> renew(Lease held) {
        return move(held, new PageMove.Renew(held.epoch(), lease));
    }

    @Override
    public Mono<Void> complete(Lease held) {
        return move(held, new PageMove.Complete(held.epoch()))
                .then(postgres.withConnection(
                        connection -> RunTable.finish(connection, held.request().runId())));
    }

    @Override
    public Mono<Void> release(Lease held) {
        return move(held, new PageMove.Release(held.epoch())).onErrorComplete(LeaseLost.class);
    }

    private Mono<Void> move(Lease held, PageMove move) {
        return postgres.inTransaction(connection -> PageTable.move(connection, held, move))
                .then();
    }

    @Override
    public Mono<CapturedPage> capture(Lease held, FetchedPage fetched) {
        return Mono.fromCallable(() -> StoredBody.of(fetched))
                .subscribeOn(cpu)
                .flatMap(body -> postgres.inTransaction(connection -> PageTable.lock(connection, held)
                        .publishOn(cpu)
                        .flatMap(locked -> capture(connection, held, fetched, body, locked))))
                .flatMap(outcome -> outcome.page() != null
                        ? Mono.just(outcome.page())
                        : Mono.error(() -> otherVersion(held, fetched.users(), outcome.pinned())));
    }

    /** The page, or the version of the source that its run is pinned to and that is not this answer's. */
    private record Outcome(
            @Nullable CapturedPage page, @Nullable String pinned) {}

    private static Mono<Outcome> capture(
            PostgresqlConnection connection,
            Lease held,
            FetchedPage fetched,
            StoredBody body,
            PageTable.Locked locked) {
        CapturedPage page = CapturedPage.of(held, PageMove.eventTime(locked.now()), fetched.users());
        Decision decision = locked.decide(new PageMove.Capture(held.epoch(), factsOf(page, body)));
        if (decision instanceof Decision.Refused refused) {
            return Mono.error(PageTable.lost(held, refused));
        }
        UUID runId = held.request().runId();
        String version = fetched.users().sourceVersion();
        Mono<Outcome> write = PageTable.write(connection, locked, decision)
                .then(writeBody(connection, held.request(), body))
                .then(writeDead(connection, page))
                .then(locked.rests() ? HandOut.share(connection, runId) : Mono.empty())
                .thenReturn(new Outcome(page, null));
        return version == null || version.equals(locked.sourceVersion())
                ? write
                : RunTable.pinned(connection, runId, version)
                        .flatMap(pinned -> pinned.equals(version)
                                ? write
                                : RunTable.flag(
                                                connection,
                                                runId,
                                                "the source changed from " + pinned + " to " + version)
                                        .thenReturn(new Outcome(null, pinned)));
    }

    private static CaptureFacts factsOf(CapturedPage page, StoredBody body) {
        return new CaptureFacts(
                page.capturedAt(),
                body.bytes(),
                HexFormat.of().formatHex(body.sha256()),
                UserEventSchema.VERSION,
                page.events().size(),
                page.digest().sum());
    }

    private static SourceFailed otherVersion(Lease held, ParsedPage answer, @Nullable String pinned) {
        String message = held + ": info.version is " + answer.sourceVersion() + ", the run began with " + pinned;
        return new SourceFailed(Kind.REJECTED, message, null, null);
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

    /** With the facts, so that whoever reads the page back sets the same users aside, whatever its parser can do. */
    private static Mono<Long> writeDead(PostgresqlConnection connection, CapturedPage page) {
        if (page.dead().isEmpty()) {
            return Mono.just(0L);
        }
        PageRequest request = page.lease().request();
        return connection.copyIn(
                "copy dead_letter (run_id, page, position, reason) from stdin (format binary)",
                BinaryCopy.<DeadUser>of(
                        page.dead(),
                        4,
                        (dead, row) -> row.uuid(request.runId())
                                .int4(request.page())
                                .int4(dead.position())
                                .text(dead.reason())));
    }

    @Override
    public Mono<CapturedPage> readBack(Lease held) {
        PageRequest request = held.request();
        return original(request.runId(), request.page())
                .map(page -> new CapturedPage(held, page.capturedAt(), page.events(), page.dead(), page.digest()))
                .switchIfEmpty(Mono.error(() -> new LeaseLost(held + ": it is not captured")));
    }

    @Override
    public Mono<CapturedPage> original(UUID runId, int page) {
        return postgres.withConnection(connection -> Statements.one(
                        connection.createStatement("""
                                select p.run_id, p.page, p.page_users, p.source_seed, p.source_page, p.epoch, p.state,
                                       r.window_start, r.window_end, r.nat, r.gender,
                                       p.captured_at, p.body_bytes, p.body_sha256, p.users, p.digest, o.body,
                                       array(select d.position from dead_letter d
                                             where d.run_id = p.run_id and d.page = p.page) as dead
                                from page p join run r on r.id = p.run_id
                                     join response o on o.run_id = p.run_id and o.page = p.page
                                where p.run_id = $1 and p.page = $2""").bind("$1", runId).bind("$2", page), LedgerRows.Original::of))
                .publishOn(cpu)
                .map(this::readAgain);
    }

    private CapturedPage readAgain(LedgerRows.Original original) {
        Lease held = original.lease();
        ParsedPage parsed = parser.parse(held.request(), original.body().inflated(held));
        List<PlacedUser> users = parsed.users().stream()
                .filter(user -> !original.dead().contains(user.position())) // stays set aside
                .toList();
        CapturedPage page = CapturedPage.of(held, original.capturedAt(), new ParsedPage(users, parsed.dead()));
        if (!page.digest().equals(original.digest())) {
            throw new StoreFailed(
                    Kind.REJECTED,
                    held + ": the stored response gives " + page.digest() + ", the ledger says " + original.digest(),
                    null);
        }
        return page;
    }

    @Override
    public Mono<PageState> giveBack(Lease held, Throwable cause) {
        PageMove.GiveBack back =
                new PageMove.GiveBack(held.epoch(), counts(cause), jittered(pause(cause)), shortened(cause));
        return postgres.inTransaction(connection ->
                        PageTable.lock(connection, held).flatMap(locked -> giveBack(connection, locked, back)))
                .delayUntil(decided -> postgres.withConnection(
                        connection -> RunTable.finish(connection, held.request().runId())))
                .ofType(Decision.Next.class)
                .map(next -> next.page().state());
    }

    private static Mono<Decision> giveBack(
            PostgresqlConnection connection, PageTable.Locked locked, PageMove.GiveBack back) {
        Decision decision = locked.decide(back);
        Hold hold = locked.entry().hold();
        Mono<Decision> written = PageTable.write(connection, locked, decision);
        return back.counts() && hold != null && decision instanceof Decision.Next
                ? written.delayUntil(done -> HandOut.rest(connection, locked, hold))
                : written;
    }

    /** Servers that are away and lost leases cost a page nothing; being refused, and a bug of ours, are attempts. */
    private static boolean counts(Throwable cause) {
        return Exceptions.unwrapMultiple(cause).stream()
                .anyMatch(one -> !(one instanceof IngestException known && known.kind() != Kind.REJECTED));
    }

    private static Duration pause(Throwable cause) {
        Duration usual = counts(cause) ? ATTEMPT_PAUSE : TRANSIENT_PAUSE;
        Duration asked =
                cause instanceof SourceFailed source ? source.retryAfter().orElse(usual) : usual;
        return asked.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : asked;
    }

    private static String shortened(Throwable cause) {
        String text = cause.toString().replace("\0", "");
        return text.length() <= CAUSE_CHARACTERS ? text : text.substring(0, CAUSE_CHARACTERS);
    }

    /** By half, so that pages which failed together do not come back together. */
    private static Duration jittered(Duration pause) {
        return pause.multipliedBy(ThreadLocalRandom.current().nextLong(500, 1_500))
                .dividedBy(1_000);
    }

    @Override
    public Mono<Long> freeFormerLives() {
        return postgres.inTransaction(connection -> Statements.rows(
                        connection
                                .createStatement("select " + PageTable.ENTRY + """
                                 from page p join run r on r.id = p.run_id
                                where p.lease_until is not null and starts_with(p.lease_holder, $1) and p.lease_holder <> $2
                                for update of p skip locked""")
                                .bind("$1", PageMove.Succeed.instance(holder))
                                .bind("$2", holder),
                        PageTable.Locked::of)
                .collectList() // at most what the former lives had in flight
                .flatMap(pages -> moved(connection, pages, new PageMove.Succeed(holder))));
    }

    @Override
    public Mono<Integer> redrive(UUID runId) {
        return postgres.inTransaction(connection -> Statements.rows(
                                connection
                                        .createStatement("select " + PageTable.ENTRY + """
                                         from page p join run r on r.id = p.run_id
                                        where p.run_id = $1 and p.state = 'QUARANTINED' limit $2 for update of p""")
                                        .bind("$1", runId)
                                        .bind("$2", REDRIVEN_AT_ONCE),
                                PageTable.Locked::of)
                        .collectList() // at most that limit
                        .flatMap(pages -> moved(connection, pages, new PageMove.Redrive())))
                .repeat()
                .takeWhile(pages -> pages > 0)
                .reduce(0L, Long::sum)
                .delayUntil(pages -> postgres.withConnection(connection -> RunTable.reopen(connection, runId)))
                .delayUntil(pages -> postgres.withConnection(connection -> RunTable.finish(connection, runId)))
                .map(Math::toIntExact);
    }

    /** The same move for each; the number of pages that it changed. */
    private static Mono<Long> moved(PostgresqlConnection connection, List<PageTable.Locked> pages, PageMove move) {
        return Flux.fromIterable(pages)
                .concatMap(page -> PageTable.write(connection, page, page.decide(move)))
                .filter(Decision.Next.class::isInstance)
                .count();
    }

    @Override
    public Mono<Void> finishEnded() {
        return postgres.withConnection(
                connection -> RunTable.stopOverdue(connection).then(RunTable.finish(connection, null)));
    }

    @Override
    public Mono<Run> cancel(UUID runId) {
        return postgres.withConnection(connection ->
                RunTable.cancel(connection, runId).switchIfEmpty(Mono.defer(() -> RunTable.byId(connection, runId))));
    }

    @Override
    public Mono<Run> run(UUID runId) {
        return postgres.withConnection(connection -> RunTable.byId(connection, runId));
    }

    @Override
    public Flux<RunProgress> newest(int limit) {
        return postgres.streaming(connection -> RunTable.newest(connection, limit));
    }

    @Override
    public Mono<RunProgress> progress(UUID runId) {
        return postgres.withConnection(connection -> RunTable.progress(connection, runId));
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
}
