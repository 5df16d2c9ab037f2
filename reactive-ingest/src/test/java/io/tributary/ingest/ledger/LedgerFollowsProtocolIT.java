package io.tributary.ingest.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.LeaseLost;
import io.tributary.ingest.model.IngestException.SourceFailed;
import io.tributary.ingest.model.Lease;
import io.tributary.ingest.model.NewRun;
import io.tributary.ingest.model.PageRequest;
import io.tributary.ingest.protocol.CaptureFacts;
import io.tributary.ingest.protocol.Decision;
import io.tributary.ingest.protocol.Decision.Next;
import io.tributary.ingest.protocol.Decision.Refused;
import io.tributary.ingest.protocol.PageEntry;
import io.tributary.ingest.protocol.PageMove;
import io.tributary.ingest.sink.postgres.UserRows;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/**
 * The same random moves on PostgreSQL and on the pure code: every answer and every row is the same. Two workers with new and
 * with outdated leases, a restart of each, leases that run out, a cancel, redrives.
 */
class LedgerFollowsProtocolIT {
    private static final int MOVES = 150;
    private static final Duration LEASE = Duration.ofMinutes(1);
    private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");
    private static final Instant PAST = Instant.parse("2000-01-01T00:00:00Z");

    @TempDir
    static Path dir;

    private static LedgerUnderTest under;

    private final long seed = Long.getLong("tributary.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final List<Lease> leases = new ArrayList<>();
    private final int[] lives = {1, 1};

    private UUID run;
    private PageEntry model;

    @BeforeAll
    static void startPostgres() throws IOException {
        under = LedgerUnderTest.start(dir);
    }

    @AfterAll
    static void stopPostgres() {
        under.close();
    }

    @RepeatedTest(10)
    void theSameMovesHaveTheSameAnswersAndRows() {
        System.out.println("seed " + seed + " (replay with -Dtributary.seed=" + seed + ")");
        under.empty();
        run = ledger(0)
                .create(new NewRun("key", START, START.plusSeconds(300), 2, 2, null, List.of(), null))
                .block()
                .run()
                .id();
        model = held();
        for (int move = 0; move < MOVES; move++) {
            String what = oneMove();
            assertThat(shape(held()))
                    .as("seed %d, move %d: %s", seed, move, what)
                    .isEqualTo(shape(model));
        }
    }

    private String oneMove() {
        int worker = random.nextInt(2);
        int what = random.nextInt(leases.isEmpty() ? 4 : 20);
        Lease lease = leases.isEmpty() ? null : leases.get(Math.max(0, leases.size() - 1 - random.nextInt(3)));
        return switch (what) {
            case 0, 1 -> take(worker);
            case 2 -> expire();
            case 3 -> succeed(worker);
            case 4 -> redrive();
            case 5 -> random.nextInt(20) == 0 ? cancel() : expire();
            case 6, 7 -> asked("renew", ledger(worker).renew(lease), new PageMove.Renew(lease.epoch(), LEASE));
            case 8, 9, 10, 11 -> capture(worker, lease);
            case 12, 13 -> store(lease);
            case 14 -> asked("complete", ledger(worker).complete(lease), new PageMove.Complete(lease.epoch()));
            case 15, 16 ->
                asked(
                        "give back, counted",
                        ledger(worker)
                                .giveBack(lease, new SourceFailed(Kind.REJECTED, "planted", null, Duration.ZERO))
                                .then(),
                        new PageMove.GiveBack(lease.epoch(), true, Duration.ZERO, "counted"));
            case 17 ->
                asked(
                        "give back",
                        ledger(worker)
                                .giveBack(lease, new SourceFailed(Kind.TRANSIENT, "planted", null, Duration.ZERO))
                                .then(),
                        new PageMove.GiveBack(lease.epoch(), false, Duration.ZERO, "not counted"));
            default -> asked("release", ledger(worker).release(lease), new PageMove.Release(lease.epoch()));
        };
    }

    private String take(int worker) {
        under.sql("update run set rest_until = null");
        boolean mayFetch = random.nextInt(4) > 0;
        Lease lease = ledger(worker).lease(mayFetch).block();
        boolean taken = apply(new PageMove.Take(holder(worker), LEASE, mayFetch)) instanceof Next;
        assertThat(lease != null).as("seed %d: taken", seed).isEqualTo(taken);
        if (lease != null) {
            assertThat(lease.captured()).isEqualTo(model.facts() != null);
            assertThat(lease.epoch()).isEqualTo(model.epoch());
            leases.add(lease);
        }
        return "take";
    }

    private String capture(int worker, Lease lease) {
        CapturedPage page = ledger(worker)
                .capture(lease, under.fetched(lease.request()))
                .onErrorResume(LeaseLost.class, e -> Mono.empty())
                .block();
        Instant now = page == null ? Instant.now() : page.capturedAt();
        CaptureFacts facts = page == null ? new CaptureFacts(PageMove.eventTime(now), 1, "", 1, 1, 1) : held().facts();
        Decision decision = new PageMove.Capture(lease.epoch(), facts).on(model, now);
        agree("capture", page == null, decision);
        return "capture";
    }

    private String store(Lease lease) {
        CapturedPage page =
                held().facts() == null ? null : ledger(0).readBack(lease).block();
        return page == null
                ? "nothing to store"
                : asked("store", new UserRows(under.postgres).deliver(page), new PageMove.Store(lease.epoch()));
    }

    private String expire() {
        under.sql("update page set lease_until = '2000-01-01Z' where lease_until is not null");
        if (model.hold() != null) {
            PageEntry.Hold hold =
                    new PageEntry.Hold(model.hold().holder(), model.hold().since(), PAST);
            model = new PageEntry(
                    model.state(),
                    model.epoch(),
                    hold,
                    model.attempts(),
                    model.notBefore(),
                    model.cause(),
                    model.facts(),
                    model.stored(),
                    model.completedAt(),
                    model.wanted());
        }
        return "expire";
    }

    private String succeed(int worker) {
        lives[worker]++;
        Long freed = ledger(worker).freeFormerLives().block();
        boolean expected = apply(new PageMove.Succeed(holder(worker))) instanceof Next;
        assertThat(freed == 1).as("seed %d: freed", seed).isEqualTo(expected);
        return "restart of worker " + worker;
    }

    private String redrive() {
        int pages = ledger(0).redrive(run).block();
        boolean expected = apply(new PageMove.Redrive()) instanceof Next;
        assertThat(pages == 1).as("seed %d: redriven", seed).isEqualTo(expected);
        reread();
        return "redrive";
    }

    private String cancel() {
        ledger(0).cancel(run).block();
        reread();
        return "cancel";
    }

    private String asked(String what, Mono<Void> real, PageMove move) {
        boolean refused = real.thenReturn(false)
                .onErrorReturn(LeaseLost.class, true)
                .defaultIfEmpty(false)
                .block();
        // these two tell nobody that they came too late
        boolean silent = move instanceof PageMove.Release || move instanceof PageMove.GiveBack;
        agree(what, silent ? move.on(model, Instant.now()) instanceof Refused : refused, move.on(model, Instant.now()));
        reread();
        return what;
    }

    private void agree(String what, boolean refused, Decision decision) {
        assertThat(refused).as("seed %d: %s refused", seed, what).isEqualTo(decision instanceof Refused);
        if (decision instanceof Next next) {
            model = next.page();
        }
    }

    private Decision apply(PageMove move) {
        Decision decision = move.on(model, Instant.now());
        if (decision instanceof Next next) {
            model = next.page();
        }
        return decision;
    }

    /** Whether its run wants the page is the run's to say. */
    private void reread() {
        model = new PageEntry(
                model.state(),
                model.epoch(),
                model.hold(),
                model.attempts(),
                model.notBefore(),
                model.cause(),
                model.facts(),
                model.stored(),
                model.completedAt(),
                held().wanted());
    }

    private PageEntry held() {
        return under.postgres
                .inTransaction(connection -> PageTable.lock(connection, lockable()))
                .block()
                .entry();
    }

    private Lease lockable() {
        return new Lease(new PageRequest(run, 1, 2, null, 1, List.of(), null), 0, false, START, START);
    }

    /** Everything but the moments, which are each clock's own: of those, whether they are past. */
    private static List<Object> shape(PageEntry page) {
        List<Object> shape = new ArrayList<>();
        shape.add(page.state());
        shape.add(page.epoch());
        shape.add(
                page.hold() == null
                        ? "free"
                        : page.hold().holder() + page.hold().until().isBefore(START));
        shape.add(page.attempts());
        shape.add(page.facts() == null ? "no facts" : page.facts());
        shape.add(page.stored());
        shape.add(page.completedAt() != null);
        shape.add(page.wanted());
        return shape;
    }

    private PostgresLedger ledger(int worker) {
        return under.ledger(holder(worker), LEASE);
    }

    private String holder(int worker) {
        return "worker-" + worker + "/" + lives[worker];
    }
}
