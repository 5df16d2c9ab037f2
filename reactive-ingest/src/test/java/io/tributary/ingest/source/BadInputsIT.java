package io.tributary.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.tributary.embedded.EmbeddedStack;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackListener;
import io.tributary.embedded.StackOptions;
import io.tributary.ingest.ledger.Migrations;
import io.tributary.ingest.ledger.PostgresLedger;
import io.tributary.ingest.metrics.IngestMetrics;
import io.tributary.ingest.model.Limits;
import io.tributary.ingest.model.NewRun;
import io.tributary.ingest.model.Run;
import io.tributary.ingest.model.RunState;
import io.tributary.ingest.pipeline.IngestPipeline;
import io.tributary.ingest.postgres.EmbeddedPostgres;
import io.tributary.ingest.postgres.Postgres;
import io.tributary.ingest.postgres.PostgresAddress;
import io.tributary.ingest.sink.postgres.UserRows;
import io.tributary.randomuser.Fault;
import io.tributary.randomuser.FaultKind;
import io.tributary.randomuser.RandomUserOptions;
import io.tributary.randomuser.RandomUserServer;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * One run whose every page but the last meets one bad input of the list on its way through client, ledger and rows: what
 * passes costs a page nothing, what is wrong quarantines it after five attempts, a bad user is set aside by itself.
 */
class BadInputsIT {
    private static final int USERS = 4;
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

    /** They pass. */
    private static final List<FaultKind> PASSING = List.of(
            FaultKind.ERROR_200,
            FaultKind.TOO_MANY_REQUESTS,
            FaultKind.SERVER_ERROR,
            FaultKind.CUT_BODY,
            FaultKind.WRONG_LENGTH,
            FaultKind.RESET,
            FaultKind.STALL,
            FaultKind.SLOW_BYTES);

    /** The source insists. */
    private static final List<FaultKind> REFUSED = List.of(
            FaultKind.BAD_UTF8,
            FaultKind.BOM,
            FaultKind.UTF16,
            FaultKind.GZIP_BOMB,
            FaultKind.NESTED_GZIP,
            FaultKind.UNKNOWN_ENCODING,
            FaultKind.REDIRECT,
            FaultKind.SHORT_RESULTS,
            FaultKind.LONG_RESULTS,
            FaultKind.EMPTY_RESULTS,
            FaultKind.RESULTS_OBJECT,
            FaultKind.WRONG_PAGE,
            FaultKind.WRONG_SEED,
            FaultKind.HTML);

    /** Concern one user of the page. */
    private static final List<FaultKind> SET_ASIDE = List.of(
            FaultKind.BAD_UUID,
            FaultKind.NULL_UUID,
            FaultKind.NUL_CHARACTER,
            FaultKind.LONE_SURROGATE,
            FaultKind.HUGE_NAME,
            FaultKind.BAD_NUMBER,
            FaultKind.NAN,
            FaultKind.BAD_DATE,
            FaultKind.NEGATIVE_AGE);

    /** Odd, and kept. */
    private static final List<FaultKind> KEPT =
            List.of(FaultKind.DUPLICATE_UUID, FaultKind.BIDI_NAME, FaultKind.EXTRA_FIELD, FaultKind.MISSING_OPTIONAL);

    @TempDir
    static Path dir;

    private static EmbeddedStack stack;
    private static Postgres postgres;
    private static Run run;
    private static List<FaultKind> pages;

    @BeforeAll
    static void runThemAll() throws Exception {
        stack = EmbeddedStack.start(
                StackOptions.of(Path.of("..")).withDataDir(dir).withParts(Set.of(Part.POSTGRES)), StackListener.SILENT);
        PostgresAddress address = EmbeddedPostgres.addressOf(stack);
        Migrations.apply(address).block();
        postgres = new Postgres(address, 16);
        pages = new ArrayList<>(PASSING);
        pages.addAll(REFUSED);
        pages.addAll(SET_ASIDE);
        pages.addAll(KEPT);
        Vertx vertx = Vertx.vertx();
        try (RandomUserServer server =
                        RandomUserServer.start(RandomUserOptions.defaults().withoutQuota());
                RandomUserClient client = new RandomUserClient(
                        vertx,
                        server.apiUri(),
                        new SourceLimits(4 << 20, TIMEOUT, TIMEOUT, 8),
                        Schedulers.boundedElastic())) {
            server.faults(pages.stream().map(BadInputsIT::fault).toList());
            PostgresLedger ledger = new PostgresLedger(
                    postgres,
                    "worker/1",
                    Duration.ofSeconds(30),
                    PageParser::parse,
                    Schedulers.boundedElastic(),
                    UUID::randomUUID);
            run = ledger.create(new NewRun(
                            "bad",
                            START,
                            START.plusSeconds(60),
                            (pages.size() + 1) * USERS,
                            USERS,
                            "abc",
                            List.of(),
                            null))
                    .block()
                    .run();
            IngestPipeline pipeline = new IngestPipeline(
                    client,
                    ledger,
                    new UserRows(postgres),
                    page -> Mono.empty(),
                    new Limits(8, 4 << 20, 1 << 20, Duration.ofSeconds(30), TIMEOUT, 16),
                    new IngestMetrics(new SimpleMeterRegistry()));
            Mono<Run> ended = ledger.run(run.id())
                    .filter(now -> now.state().isFinal())
                    .repeatWhenEmpty(again -> again.delayElements(Duration.ofMillis(100)));
            pipeline.work().takeUntilOther(ended).blockLast(Duration.ofMinutes(1));
            run = ledger.run(run.id()).block();
        } finally {
            vertx.close();
        }
    }

    @AfterAll
    static void stop() {
        postgres.close();
        stack.close();
    }

    private static Fault fault(FaultKind kind) {
        Fault fault = Fault.of(kind).onPage(pages.indexOf(kind) + 1).at(1);
        return PASSING.contains(kind) ? fault : fault.always();
    }

    @Test
    void theRunEndsAndAllOtherPagesAreComplete() {
        assertThat(run.state()).isEqualTo(RunState.INCOMPLETE);
        assertThat(number("select count(*) from page where state = 'QUARANTINED'"))
                .isEqualTo(REFUSED.size());
        assertThat(number("select count(*) from page where state = 'COMPLETE'"))
                .isEqualTo(pages.size() + 1 - REFUSED.size());
        assertThat(number("select count(*) from dead_letter")).isEqualTo(SET_ASIDE.size());
        assertThat(number("select count(*) from users"))
                .isEqualTo((pages.size() + 1 - REFUSED.size()) * USERS - SET_ASIDE.size());
    }

    @Test
    @Tag("bad-input-13")
    @DisplayName("13 · 200 with an error is tried again and costs no attempt")
    void anErrorPasses() {
        passed(FaultKind.ERROR_200);
    }

    @Test
    @Tag("bad-input-14")
    @DisplayName("14 · 429 and 503 cost no attempt, the run goes on")
    void refusalsPass() {
        passed(FaultKind.TOO_MANY_REQUESTS);
        passed(FaultKind.SERVER_ERROR);
    }

    @Test
    @Tag("bad-input-15")
    @DisplayName("15 · cut body, wrong Content-Length, reset: tried again, nothing captured of it")
    void cutBodiesPass() {
        passed(FaultKind.CUT_BODY);
        passed(FaultKind.WRONG_LENGTH);
        passed(FaultKind.RESET);
    }

    @Test
    @Tag("bad-input-16")
    @DisplayName("16 · malformed UTF-8, BOM, UTF-16: page quarantined after five attempts")
    void otherEncodingsAreQuarantined() {
        quarantined(FaultKind.BAD_UTF8, "not UTF-8");
        quarantined(FaultKind.BOM, "byte order mark");
        quarantined(FaultKind.UTF16, "not UTF-8");
    }

    @Test
    @Tag("bad-input-17")
    @DisplayName("17 · gzip bomb, nested gzip, unknown encoding: page quarantined after five attempts")
    void bombsAreQuarantined() {
        quarantined(FaultKind.GZIP_BOMB, "inflates to more than");
        quarantined(FaultKind.NESTED_GZIP, "gzip inside gzip");
        quarantined(FaultKind.UNKNOWN_ENCODING, "Content-Encoding");
    }

    @Test
    @Tag("bad-input-18")
    @DisplayName("18 · a redirect to another host is not followed")
    void aRedirectIsQuarantined() {
        quarantined(FaultKind.REDIRECT, "redirects are not followed");
    }

    @Test
    @Tag("bad-input-19")
    @DisplayName("19 · stall after the first byte, a byte a second: timeout, lease released")
    void stallsPass() {
        passed(FaultKind.STALL);
        passed(FaultKind.SLOW_BYTES);
    }

    @Test
    @Tag("bad-input-20")
    @DisplayName("20 · results shorter, longer, empty, an object: page quarantined after five attempts")
    void otherCountsAreQuarantined() {
        quarantined(FaultKind.SHORT_RESULTS, "results holds 3 users, expected 4");
        quarantined(FaultKind.LONG_RESULTS, "results holds 5 users, expected 4");
        quarantined(FaultKind.EMPTY_RESULTS, "results holds 0 users");
        quarantined(FaultKind.RESULTS_OBJECT, "not an array");
    }

    @Test
    @Tag("bad-input-21")
    @DisplayName("21 · info.page or info.seed not what was asked: page quarantined after five attempts")
    void otherPagesAreQuarantined() {
        quarantined(FaultKind.WRONG_PAGE, "info.page");
        quarantined(FaultKind.WRONG_SEED, "info.seed");
    }

    @Test
    @Tag("bad-input-22")
    @DisplayName("22 · two users with one uuid are both kept; uuid null or malformed is a dead letter")
    void uuids() {
        kept(FaultKind.DUPLICATE_UUID);
        assertThat(number("select count(distinct user_id) from users where page = " + page(FaultKind.DUPLICATE_UUID)))
                .isEqualTo(USERS - 1);
        setAside(FaultKind.BAD_UUID, "login.uuid");
        setAside(FaultKind.NULL_UUID, "login.uuid");
    }

    @Test
    @Tag("bad-input-23")
    @DisplayName("23 · U+0000, lone surrogate, a name of 1 MB: dead letter; right-to-left and zero-width text: kept")
    void texts() {
        setAside(FaultKind.NUL_CHARACTER, "name.first");
        setAside(FaultKind.LONE_SURROGATE, "name.first");
        setAside(FaultKind.HUGE_NAME, "name.first");
        kept(FaultKind.BIDI_NAME);
    }

    @Test
    @Tag("bad-input-24")
    @DisplayName("24 · 1e400, NaN, 2021-02-30, age -5: dead letter, the others of the page go on")
    void numbersAndDates() {
        setAside(FaultKind.BAD_NUMBER, "location.street.number");
        setAside(FaultKind.NAN, "location.street.number");
        setAside(FaultKind.BAD_DATE, "dob.date");
        setAside(FaultKind.NEGATIVE_AGE, "dob.age");
    }

    @Test
    @Tag("bad-input-25")
    @DisplayName("25 · an HTML page with status 200: page quarantined after five attempts")
    void htmlIsQuarantined() {
        quarantined(FaultKind.HTML, "HTML");
    }

    @Test
    @Tag("bad-input-26")
    @DisplayName("26 · an unknown extra field is kept in the original, a missing optional one is null")
    void fields() {
        kept(FaultKind.EXTRA_FIELD);
        kept(FaultKind.MISSING_OPTIONAL);
        assertThat(number(
                        "select count(*) from users where cell is null and page = " + page(FaultKind.MISSING_OPTIONAL)))
                .isEqualTo(1);
    }

    private static void passed(FaultKind kind) {
        assertThat(text("select state || ' ' || attempts || ' ' || (epoch > 1) from page where page = " + page(kind)))
                .as(kind.text())
                .isEqualTo("COMPLETE 0 true");
        assertThat(number("select count(*) from users where page = " + page(kind)))
                .isEqualTo(USERS);
    }

    private static void quarantined(FaultKind kind, String cause) {
        assertThat(text("select state || ' ' || attempts || ' ' || cause from page where page = " + page(kind)))
                .as(kind.text())
                .startsWith("QUARANTINED 5 ")
                .contains(cause);
        assertThat(number("select count(*) from response where page = " + page(kind)))
                .isZero();
    }

    private static void setAside(FaultKind kind, String field) {
        assertThat(text("select state || ' ' || users from page where page = " + page(kind)))
                .as(kind.text())
                .isEqualTo("COMPLETE " + (USERS - 1));
        assertThat(text("select position || ' ' || reason from dead_letter where page = " + page(kind)))
                .startsWith("1 " + field);
    }

    private static void kept(FaultKind kind) {
        assertThat(text("select state || ' ' || users from page where page = " + page(kind)))
                .as(kind.text())
                .isEqualTo("COMPLETE " + USERS);
    }

    private static int page(FaultKind kind) {
        return pages.indexOf(kind) + 1;
    }

    private static long number(String sql) {
        return Long.parseLong(text(sql));
    }

    private static String text(String sql) {
        return postgres.withConnection(connection -> connection
                        .createStatement(sql)
                        .execute()
                        .concatMap((PostgresqlResult result) -> result.map(row -> String.valueOf(row.get(0))))
                        .single())
                .block();
    }
}
