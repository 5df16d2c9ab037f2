package io.tributary.ingest.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.tributary.ingest.ledger.RunLedger.Created;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.FetchedPage;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.LeaseLost;
import io.tributary.ingest.model.IngestException.SourceFailed;
import io.tributary.ingest.model.IngestException.StoreFailed;
import io.tributary.ingest.model.Lease;
import io.tributary.ingest.model.NewRun;
import io.tributary.ingest.model.PageState;
import io.tributary.ingest.model.Run;
import io.tributary.ingest.model.RunProgress;
import io.tributary.ingest.model.RunState;
import io.tributary.ingest.sink.postgres.UserRows;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

/** The page protocol on a real PostgreSQL. */
class PostgresLedgerIT {
    private static final Duration LEASE = Duration.ofMinutes(1);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

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
        ledger = under.ledger("worker-1/1", LEASE);
    }

    @Test
    void aRunIsPlannedOnceForItsKeyHoweverManyAsk() {
        // Given
        Flux<Created> many = Flux.range(0, 50).flatMap(n -> ledger.create(run("key", 2_500)), 50);
        // When
        List<Created> created = many.collectList().block();
        // Then
        assertThat(created)
                .extracting(one -> one.run().id())
                .containsOnly(created.get(0).run().id());
        assertThat(created).filteredOn(Created::fresh).hasSize(1);
        assertThat(created).allMatch(Created::sameParameters);
        assertThat(under.number("select count(*) from page")).isEqualTo(3);
        assertThat(under.number("select page_users from page where page = 3")).isEqualTo(500);
    }

    @Test
    void otherParametersUnderTheSameKeyAreSeen() {
        ledger.create(run("key", 2_500)).block();
        assertThat(ledger.create(run("key", 2_501)).block().sameParameters()).isFalse();
    }

    @Test
    void beyondTenThousandPagesTheNextSeedBegins() {
        Run run = ledger.create(new NewRun("many", START, START.plusSeconds(60), 10_001, 1, "abc", List.of(), null))
                .block()
                .run();
        assertThat(under.text("select source_seed || ' ' || source_page from page where page = 10000 and run_id = '"
                        + run.id() + "'"))
                .isEqualTo("abc 10000");
        assertThat(under.text("select source_seed || ' ' || source_page from page where page = 10001 and run_id = '"
                        + run.id() + "'"))
                .isEqualTo("abc-2 1");
    }

    @Test
    void noPageIsLeasedTwice() {
        // Given
        ledger.create(run("key", 20_000)).block();
        // When
        List<Lease> leases = Flux.range(0, 30)
                .flatMap(n -> ledger.lease(true), 8)
                .collectList()
                .block();
        // Then
        assertThat(leases).hasSize(20);
        assertThat(leases).extracting(lease -> lease.request().page()).doesNotHaveDuplicates();
    }

    @Test
    void aCapturedPageIsReadBackAsItWas() {
        // Given
        Lease lease = leased(1);
        CapturedPage captured = capture(lease);
        // When
        CapturedPage original = ledger.original(lease.request().runId(), 1).block();
        // Then
        assertThat(original.digest()).isEqualTo(captured.digest());
        assertThat(original.capturedAt()).isEqualTo(captured.capturedAt());
        assertThat(original.events())
                .extracting(one -> one.event())
                .isEqualTo(captured.events().stream().map(one -> one.event()).toList());
    }

    @Test
    void theStoredBodyIsByteForByteWhatTheSourceSent() {
        // Given
        Lease lease = leased(1);
        FetchedPage fetched = under.fetched(lease.request());
        // When
        ledger.capture(lease, fetched).block();
        // Then
        byte[] compressed = bytes("select body from response");
        byte[] body = com.github.luben.zstd.Zstd.decompress(
                compressed, under.number("select body_bytes from page where page = 1"));
        assertThat(body).isEqualTo(fetched.body());
        assertThat(under.text("select encode(body_sha256, 'hex') from page where page = 1"))
                .isEqualTo(under.text("select encode(sha256('\\x"
                        + java.util.HexFormat.of().formatHex(fetched.body()) + "'::bytea), 'hex')"));
    }

    @Test
    void aResponseThatCameCompressedIsKeptAsItCame() throws IOException {
        // Given
        Lease lease = leased(1);
        FetchedPage plain = under.fetched(lease.request());
        byte[] gzip = gzipped(plain.body());
        // When
        CapturedPage captured = ledger.capture(lease, new FetchedPage(plain.body(), plain.users(), gzip))
                .block();
        // Then
        assertThat(bytes("select body from response")).isEqualTo(gzip);
        assertThat(under.number("select body_bytes from page where page = 1")).isEqualTo(plain.body().length);
        assertThat(ledger.readBack(lease).block().digest()).isEqualTo(captured.digest());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100})
    void aKeptResponseThatWasTamperedWithIsRefused(int at) throws IOException {
        // Given
        Lease lease = leased(1);
        FetchedPage plain = under.fetched(lease.request());
        ledger.capture(lease, new FetchedPage(plain.body(), plain.users(), gzipped(plain.body())))
                .block();
        under.sql("update response set body = set_byte(body, " + at + ", get_byte(body, " + at + ") # 1)");
        // When
        Throwable refused = catchThrowable(() -> ledger.readBack(lease).block());
        // Then
        assertThat(refused).isInstanceOf(StoreFailed.class).hasMessageContaining("stored response");
    }

    private static byte[] gzipped(byte[] body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(body);
        }
        return bytes.toByteArray();
    }

    @Test
    void aZombieCanNotCaptureCompleteOrStoreAPageThatMovedOn() {
        // Given
        ledger = under.ledger("zombie/1", Duration.ofMillis(1));
        Lease zombies = leased(1);
        Lease taken = under.ledger("worker-2/1", LEASE)
                .lease(true)
                .repeatWhenEmpty(n -> n.delayElements(Duration.ofMillis(5)))
                .block();
        assertThat(taken.request()).isEqualTo(zombies.request());
        assertThat(taken.epoch()).isGreaterThan(zombies.epoch());
        // When
        StepVerifier.create(ledger.capture(zombies, under.fetched(zombies.request())))
                .verifyError(LeaseLost.class);
        CapturedPage captured = capture(taken);
        CapturedPage zombiesPage =
                new CapturedPage(zombies, captured.capturedAt(), captured.events(), captured.dead(), captured.digest());
        StepVerifier.create(new UserRows(under.postgres).deliver(zombiesPage)).verifyError(LeaseLost.class);
        StepVerifier.create(ledger.complete(zombies)).verifyError(LeaseLost.class);
        StepVerifier.create(ledger.renew(zombies)).verifyError(LeaseLost.class);
        // Then
        assertThat(under.number("select count(*) from users")).isZero();
        new UserRows(under.postgres).deliver(captured).block();
        ledger.complete(taken).block();
        assertThat(under.number("select count(*) from users")).isEqualTo(1_000);
    }

    @Test
    void rowsAreStoredOnceHoweverOftenThePageIsDelivered() {
        // Given
        CapturedPage page = capture(leased(1));
        // When
        Flux.range(0, 5)
                .flatMap(n -> new UserRows(under.postgres).deliver(page), 5)
                .blockLast();
        // Then
        assertThat(under.number("select count(*) from users")).isEqualTo(1_000);
    }

    @Test
    void aLeaseIsRenewedWhileItsRowsWaitForALockedTable() {
        // Given
        CapturedPage page = capture(leased(1));
        Sinks.Empty<Void> locked = Sinks.empty();
        Sinks.Empty<Void> unlock = Sinks.empty();
        CompletableFuture<Boolean> lock = under.postgres
                .inTransaction(connection -> connection
                        .createStatement("lock table users in access exclusive mode")
                        .execute()
                        .then()
                        .doOnSuccess(done -> locked.tryEmitEmpty())
                        .then(unlock.asMono())
                        .thenReturn(true))
                .toFuture();
        locked.asMono().block(PATIENCE);
        CompletableFuture<Void> storing =
                new UserRows(under.postgres).deliver(page).toFuture();
        await().atMost(PATIENCE)
                .until(() -> under.number("select count(*) from pg_stat_activity where wait_event_type = 'Lock'") == 1);
        // When
        StepVerifier.create(ledger.renew(page.lease())).expectComplete().verify(PATIENCE);
        // Then
        assertThat(storing).isNotDone();
        unlock.tryEmitEmpty();
        assertThat(lock.join()).isTrue();
        storing.join();
        assertThat(under.number("select count(*) from users")).isEqualTo(1_000);
    }

    @Test
    void aPageIsNotCompleteBeforeItsRowsAreStored() {
        Lease lease = leased(1);
        capture(lease);
        StepVerifier.create(ledger.complete(lease)).verifyError(LeaseLost.class);
    }

    @Test
    void theRunEndsWithItsLastPage() {
        // Given
        Run run = ledger.create(run("key", 2_000)).block().run();
        List<Lease> both = Flux.range(0, 2)
                .concatMap(n -> ledger.lease(true))
                .collectList()
                .block();
        both.forEach(
                lease -> new UserRows(under.postgres).deliver(capture(lease)).block());
        // When
        Flux.fromIterable(both).flatMap(ledger::complete, 2).blockLast();
        // Then
        assertThat(ledger.run(run.id()).block().state()).isEqualTo(RunState.COMPLETE);
        assertThat(ledger.progress(run.id()).block().stored()).isEqualTo(2_000);
    }

    @Test
    void theNewestRunsComeFirstEachWithItsOwnPages() {
        // Given
        ledger.create(run("old", 1_000)).block();
        Run done = ledger.create(run("key", 1_000)).block().run();
        ledger.cancel(ledger.newest(2).blockLast().run().id()).block(); // the old one: the next page is of the other
        Lease lease = ledger.lease(true).block();
        new UserRows(under.postgres).deliver(capture(lease)).block();
        ledger.complete(lease).block();
        Run fresh = ledger.create(run("new", 3_000)).block().run();
        // When
        List<RunProgress> newest = ledger.newest(2).collectList().block();
        // Then
        assertThat(newest).extracting(progress -> progress.run().id()).containsExactly(fresh.id(), done.id());
        assertThat(newest).extracting(RunProgress::stored).containsExactly(0L, 1_000L);
        assertThat(newest)
                .extracting(progress -> progress.pages().get(PageState.PLANNED))
                .containsExactly(3, 0);
        assertThat(newest)
                .containsExactly(
                        ledger.progress(fresh.id()).block(),
                        ledger.progress(done.id()).block());
    }

    @Test
    void aCompletePageIsFinalInTheDatabaseItself() {
        theRunEndsWithItsLastPage();
        StepVerifier.create(update("update page set epoch = epoch + 1"))
                .verifyErrorSatisfies(
                        e -> assertThat(e).isInstanceOf(StoreFailed.class).hasMessageContaining("final"));
    }

    @Test
    void captureFactsCanNotBeChangedInTheDatabaseItself() {
        capture(leased(1));
        StepVerifier.create(update("update page set digest = 1 where page = 1"))
                .verifyErrorSatisfies(e -> assertThat(e).hasMessageContaining("written once"));
    }

    @Test
    void theFifthRefusalQuarantinesThePageAndEndsTheRun() {
        // Given
        Run run = ledger.create(run("key", 1_000)).block().run();
        SourceFailed refused = new SourceFailed(Kind.REJECTED, "planted", null, Duration.ZERO);
        // When
        for (int attempt = 1; attempt <= 5; attempt++) {
            Lease lease = ledger.lease(true)
                    .repeatWhenEmpty(n -> n.delayElements(Duration.ofMillis(5))) // the run rests after a failure
                    .block();
            ledger.giveBack(lease, refused).block();
        }
        // Then
        assertThat(under.text("select state || ' ' || attempts from page")).isEqualTo("QUARANTINED 5");
        assertThat(ledger.run(run.id()).block().state()).isEqualTo(RunState.INCOMPLETE);
    }

    @Test
    void aServerThatIsAwayCostsAPageNoAttempt() {
        Lease lease = leased(1);
        ledger.giveBack(lease, new SourceFailed(Kind.TRANSIENT, "planted", null, null))
                .block();
        assertThat(under.text("select state || ' ' || attempts from page where page = 1"))
                .isEqualTo("PLANNED 0");
    }

    @Test
    void cancelKeepsWhatIsCapturedAndPlansNothingMore() {
        // Given
        Run run = ledger.create(run("key", 3_000)).block().run();
        Lease captured = ledger.lease(true).block();
        CapturedPage page = capture(captured);
        Lease running = ledger.lease(true).block();
        // When
        ledger.cancel(run.id()).block();
        // Then
        assertThat(ledger.lease(true).blockOptional()).isEmpty();
        StepVerifier.create(ledger.capture(running, under.fetched(running.request())))
                .verifyError(LeaseLost.class);
        new UserRows(under.postgres).deliver(page).block();
        ledger.complete(captured).block();
        assertThat(ledger.run(run.id()).block().state()).isEqualTo(RunState.CANCELLED);
        assertThat(ledger.progress(run.id()).block().pages()).containsEntry(PageState.COMPLETE, 1);
    }

    @Test
    void aFailureInTheMiddleOfACaptureLeavesNothing() {
        // Given: a response row that is in the way makes the last statement of the capture fail
        Lease lease = leased(1);
        under.sql("insert into response values ('" + lease.request().runId() + "', 1, '')");
        // When
        StepVerifier.create(ledger.capture(lease, under.fetched(lease.request())))
                .verifyError(StoreFailed.class);
        // Then
        assertThat(under.text("select state from page where page = 1")).isEqualTo("LEASED");
        under.sql("delete from response");
        assertThat(capture(lease).digest().users()).isEqualTo(1_000);
    }

    private Lease leased(int pages) {
        ledger.create(run("key", pages * 1_000)).block();
        return ledger.lease(true).block();
    }

    private CapturedPage capture(Lease lease) {
        return ledger.capture(lease, under.fetched(lease.request())).block();
    }

    private static NewRun run(String key, int users) {
        return new NewRun(key, START, START.plusSeconds(300), users, 1_000, null, List.of("FR", "US"), null);
    }

    private static Mono<Long> update(String statement) {
        return under.postgres.withConnection(connection -> connection
                .createStatement(statement)
                .execute()
                .concatMap(result -> result.getRowsUpdated())
                .reduce(0L, Long::sum));
    }

    private static byte[] bytes(String query) {
        ByteBuffer buffer = under.postgres
                .withConnection(connection -> connection
                        .createStatement(query)
                        .execute()
                        .concatMap(result -> result.map(row -> row.get(0, ByteBuffer.class)))
                        .next())
                .block();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
