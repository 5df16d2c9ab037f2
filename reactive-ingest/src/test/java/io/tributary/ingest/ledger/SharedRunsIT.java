package io.tributary.ingest.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.DeadUser;
import io.tributary.ingest.model.FetchedPage;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.LeaseLost;
import io.tributary.ingest.model.IngestException.SourceFailed;
import io.tributary.ingest.model.IngestException.StoreFailed;
import io.tributary.ingest.model.Lease;
import io.tributary.ingest.model.NewRun;
import io.tributary.ingest.model.PageState;
import io.tributary.ingest.model.ParsedPage;
import io.tributary.ingest.model.Run;
import io.tributary.ingest.model.RunProgress;
import io.tributary.ingest.model.RunState;
import io.tributary.ingest.sink.postgres.UserRows;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** What runs, instances and their lives owe each other, on a real PostgreSQL. */
class SharedRunsIT {
    private static final Duration LEASE = Duration.ofMinutes(1);
    private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");
    private static final SourceFailed REFUSED = new SourceFailed(Kind.REJECTED, "planted", null, Duration.ZERO);

    @TempDir
    static Path dir;

    private static LedgerUnderTest under;

    private PostgresLedger ledger;

    @BeforeAll
    static void startPostgres() throws IOException {
        under = LedgerUnderTest.start(dir);
    }

    @AfterAll
    static void stopPostgres() {
        under.close();
    }

    @BeforeEach
    void emptyLedger() {
        under.empty();
        ledger = under.ledger("one/1", LEASE);
    }

    @Test
    void aLargeRunDoesNotStarveASmallOne() {
        // Given
        UUID large = run("large", 10_000).id();
        UUID small = run("small", 4).id();
        // When
        Map<UUID, Integer> leases = new HashMap<>();
        for (int slot = 0; slot < 8; slot++) {
            leases.merge(lease().request().runId(), 1, Integer::sum);
        }
        // Then
        assertThat(leases).containsEntry(large, 4).containsEntry(small, 4);
    }

    @Test
    void aSingleSlotServesEveryRun() {
        // Given
        run("first", 100);
        UUID second = run("second", 100).id();
        // When
        List<UUID> served = Flux.range(0, 30)
                .concatMap(n -> ledger.lease(true))
                .concatMap(lease ->
                        ledger.release(lease).thenReturn(lease.request().runId()))
                .collectList()
                .block();
        // Then: 30 times heads once in a thousand million
        assertThat(served).contains(second);
    }

    @Test
    void theServerEndsTheTransactionOfAWorkerThatStandsStillInIt() {
        // it holds locks that every other instance may wait for; what is asked by the API may take longer
        String bounds = "select current_setting('idle_in_transaction_session_timeout') || ' '"
                + " || current_setting('transaction_timeout')";
        assertThat(under.text(bounds)).isEqualTo("10s 2min");
    }

    @Test
    void aPoisonedRunHasOnePageAtATimeAndRestsFourTimesAsLong() {
        // Given
        UUID poisoned = run("poisoned", 100).id();
        UUID healthy = run("healthy", 100).id();
        Lease failing = leaseOf(poisoned);
        // When
        ledger.giveBack(failing, REFUSED).block();
        // Then
        assertThat(under.text("select (r.rest_until >= p.not_before - interval '1 second')::text from run r join page p"
                        + " on p.run_id = r.id where p.attempts = 1"))
                .isEqualTo("true");
        assertThat(under.number("select count(*) from run where rest_until is not null"))
                .isEqualTo(1);
        under.sql("update run set rest_until = clock_timestamp() + interval '1 hour' where rest_until is not null");
        assertThat(Flux.range(0, 5)
                        .concatMap(n -> ledger.lease(true))
                        .collectList()
                        .block())
                .allMatch(lease -> lease.request().runId().equals(healthy));
        under.sql("update run set rest_until = clock_timestamp() where rest_until is not null");
        assertThat(Flux.range(0, 5)
                        .concatMap(n -> ledger.lease(true))
                        .collectList()
                        .block())
                .filteredOn(lease -> lease.request().runId().equals(poisoned))
                .hasSize(1);
    }

    @Test
    void aCaptureEndsTheRest() {
        // Given
        UUID run = run("limping", 100).id();
        ledger.giveBack(lease(), REFUSED).block();
        under.sql("update run set rest_until = clock_timestamp()");
        // When
        capture(lease());
        // Then
        assertThat(Flux.range(0, 3)
                        .concatMap(n -> ledger.lease(true))
                        .collectList()
                        .block())
                .hasSize(3)
                .allMatch(lease -> lease.request().runId().equals(run));
    }

    @Test
    void capturedPagesComeFirstOnResume() {
        // Given
        run("key", 10);
        List<Lease> leases = Flux.range(0, 5)
                .concatMap(n -> ledger.lease(true))
                .collectList()
                .block();
        capture(leases.get(3));
        leases.forEach(lease -> ledger.release(lease).block());
        // When
        Lease first = lease();
        // Then
        assertThat(first.request().page()).isEqualTo(4);
        assertThat(first.captured()).isTrue();
    }

    @Test
    void whileTheSourceRefusesOnlyCapturedPagesAreHandedOut() {
        // Given
        run("key", 10);
        Lease captured = lease();
        capture(captured);
        ledger.release(captured).block();
        // When
        List<Lease> leases = Flux.range(0, 3)
                .concatMap(n -> ledger.lease(false))
                .collectList()
                .block();
        // Then
        assertThat(leases).extracting(lease -> lease.request().page()).containsExactly(1);
    }

    @Test
    void theNextLifeFreesWhatItsFormerLivesHeldAndTheyAreFenced() {
        // Given
        run("key", 4);
        Lease held = lease();
        CapturedPage captured = capture(lease());
        Lease others = under.ledger("two/1", LEASE).lease(true).block();
        PostgresLedger reborn = under.ledger("one/2", LEASE);
        // When
        Long freed = reborn.freeFormerLives().block();
        // Then
        assertThat(freed).isEqualTo(2);
        StepVerifier.create(ledger.renew(held)).verifyError(LeaseLost.class);
        StepVerifier.create(new UserRows(under.postgres).deliver(captured)).verifyError(LeaseLost.class);
        under.ledger("two/1", LEASE).renew(others).block();
        assertThat(reborn.lease(true).block().captured()).isTrue();
        assertThat(reborn.freeFormerLives().block()).isZero();
    }

    @Test
    void redriveOpensQuarantinedPagesWhereTheyStoodAndTheRunGoesOn() {
        // Given
        Run run = run("key", 2);
        quarantineOne(false);
        under.sql("update run set rest_until = null");
        Lease second = lease();
        capture(second);
        ledger.release(second).block();
        quarantineOne(true);
        RunProgress ended = ledger.progress(run.id()).block();
        assertThat(ended.run().state()).isEqualTo(RunState.INCOMPLETE);
        // When
        Integer pages = ledger.redrive(run.id()).block();
        // Then
        assertThat(pages).isEqualTo(2);
        RunProgress again = ledger.progress(run.id()).block();
        assertThat(again.run().state()).isEqualTo(RunState.RUNNING);
        assertThat(again.run().finishedAt()).isNull();
        assertThat(again.pages()).containsEntry(PageState.CAPTURED, 1).containsEntry(PageState.PLANNED, 1);
        finish(lease());
        finish(lease());
        assertThat(ledger.run(run.id()).block().state()).isEqualTo(RunState.COMPLETE);
    }

    @Test
    void aRunWhosePagesWereQuarantinedAfterTheirCaptureSettles() {
        // Given
        Run run = run("key", 2);
        finish(lease());
        capture(lease());
        under.sql(
                "update page set lease_holder = null, lease_since = null, lease_until = null where state = 'CAPTURED'");
        // When
        quarantineOne(true);
        // Then
        RunProgress progress = ledger.progress(run.id()).block();
        assertThat(progress.captured()).isEqualTo(2);
        assertThat(progress.givenUp()).isEqualTo(1);
        assertThat(progress.isSettledAt(0)).isFalse();
        assertThat(progress.isSettledAt(1)).isTrue();
        assertThat(progress.isSettledAt(2)).isTrue();
    }

    @Test
    void anOverdueRunStopsLikeACancelWithItsOwnCause() {
        // Given
        UUID run = ledger.create(new NewRun(
                        "key", START, START.plusSeconds(300), 10, 1, null, List.of(), null, Duration.ofHours(1)))
                .block()
                .run()
                .id();
        Lease held = lease();
        // When
        under.sql("update run set deadline = clock_timestamp()");
        // Then: no page leaves or is captured, even before anybody has looked for overdue runs
        assertThat(ledger.lease(true).blockOptional()).isEmpty();
        ledger.finishEnded().block();
        assertThat(ledger.run(run).block().state()).isEqualTo(RunState.CANCELLED);
        assertThat(ledger.run(run).block().cause()).contains("maximum run time of 3600 s");
        StepVerifier.create(ledger.renew(held)).verifyError(LeaseLost.class);
        StepVerifier.create(ledger.capture(held, under.fetched(held.request()))).verifyError(LeaseLost.class);
    }

    @Test
    void badInput21_anotherVersionOfTheSourceInsideARunIsRefusedAndFlagged() {
        // Given
        Run run = run("key", 2);
        Lease first = lease();
        ledger.capture(first, versioned(first, "1.4")).block();
        Lease second = lease();
        // When
        StepVerifier.create(ledger.capture(second, versioned(second, "1.5")))
                .verifyErrorSatisfies(e -> assertThat(e)
                        .isInstanceOfSatisfying(
                                SourceFailed.class,
                                refused -> assertThat(refused.kind()).isEqualTo(Kind.REJECTED)));
        // Then
        Run flagged = ledger.run(run.id()).block();
        assertThat(flagged.sourceVersion()).isEqualTo("1.4");
        assertThat(flagged.flag()).contains("1.4").contains("1.5");
        assertThat(ledger.capture(second, versioned(second, "1.4"))
                        .block()
                        .digest()
                        .users())
                .isEqualTo(1);
    }

    @Test
    void twoFirstPagesOfTwoVersionsAtOncePinOne() {
        // Given
        Run run = run("key", 2);
        Lease first = lease();
        Lease second = lease();
        // When
        List<Boolean> captured = Flux.just(
                        ledger.capture(first, versioned(first, "1.4")),
                        ledger.capture(second, versioned(second, "1.5")))
                .flatMap(one -> one.thenReturn(true).onErrorReturn(SourceFailed.class, false), 2)
                .collectList()
                .block();
        // Then
        assertThat(captured).containsExactlyInAnyOrder(true, false);
        assertThat(ledger.run(run.id()).block().flag()).isNotNull();
    }

    @Test
    void aDeadLetterStaysSetAsideWhateverAFixedParserMakesOfIt() {
        // Given
        run("key", 1, 3);
        Lease lease = lease();
        ParsedPage whole = under.fetched(lease.request()).users();
        ParsedPage lame = new ParsedPage(
                List.of(whole.users().get(0), whole.users().get(2)), List.of(new DeadUser(1, "planted")));
        CapturedPage captured = ledger.capture(
                        lease,
                        under.answer(
                                new FetchedPage(under.fetched(lease.request()).body(), lame)))
                .block();
        // When
        under.fixParser(page -> whole);
        // Then
        CapturedPage readBack = ledger.readBack(lease).block();
        assertThat(readBack.digest()).isEqualTo(captured.digest());
        assertThat(under.number("select count(*) from dead_letter")).isEqualTo(1);
    }

    @Test
    void aParserThatLosesACapturedUserIsRefused() {
        Lease lease = leaseOf(run("key", 1).id());
        capture(lease);
        under.fixParser(page -> new ParsedPage(List.of(), List.of(new DeadUser(0, "planted"))));
        StepVerifier.create(ledger.readBack(lease)).verifyError(StoreFailed.class);
    }

    @Test
    void aLostLeaseCostsAPageNoAttempt() {
        run("key", 1);
        ledger.giveBack(lease(), new LeaseLost("not renewed in time")).block();
        assertThat(under.text("select state || ' ' || attempts from page")).isEqualTo("PLANNED 0");
    }

    /** The next page, whose attempts are used up but for one. */
    private void quarantineOne(boolean captured) {
        under.sql("update run set rest_until = null");
        Lease lease = lease();
        assertThat(lease.captured()).isEqualTo(captured);
        under.sql("update page set attempts = 4 where page = " + lease.request().page());
        ledger.giveBack(lease, REFUSED).block();
    }

    private void finish(Lease lease) {
        CapturedPage page = lease.captured() ? ledger.readBack(lease).block() : capture(lease);
        new UserRows(under.postgres).deliver(page).block();
        ledger.complete(lease).block();
    }

    private FetchedPage versioned(Lease lease, String version) {
        FetchedPage fetched = under.fetched(lease.request());
        ParsedPage users = fetched.users();
        return new FetchedPage(fetched.body(), new ParsedPage(users.users(), users.dead(), version));
    }

    private CapturedPage capture(Lease lease) {
        return ledger.capture(lease, under.fetched(lease.request())).block();
    }

    private Lease lease() {
        Lease lease = ledger.lease(true).block();
        assertThat(lease).as("a page is free").isNotNull();
        return lease;
    }

    private Lease leaseOf(UUID run) {
        for (int tries = 0; tries < 100; tries++) {
            Lease lease = lease();
            if (lease.request().runId().equals(run)) {
                return lease;
            }
            ledger.release(lease).block();
        }
        throw new AssertionError("no page of the run was handed out");
    }

    private Run run(String key, int pages) {
        return run(key, pages, 1);
    }

    private Run run(String key, int pages, int pageSize) {
        return ledger.create(new NewRun(
                        key, START, START.plusSeconds(300), pages * pageSize, pageSize, null, List.of(), null))
                .block()
                .run();
    }
}
