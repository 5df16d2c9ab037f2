package io.tributary.ingest.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingest.ledger.RunBoard.GivenUp;
import io.tributary.ingest.ledger.RunBoard.Reason;
import io.tributary.ingest.ledger.RunBoard.Row;
import io.tributary.ingest.model.PageState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What those who watch are shown of the ledger, on a real PostgreSQL. */
class PostgresBoardIT {
    @TempDir
    static Path dir;

    private static LedgerUnderTest under;

    private final RunBoard board = new PostgresBoard(under.postgres, () -> Instant.parse("2030-01-01T00:00:00Z"));

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
    }

    @Test
    void eachPageIsACellAndTheSumsAreThoseOfTheLedger() {
        // Given
        plan(1, "RUNNING", 10);
        set(1, "page in (1, 2)", "COMPLETE");
        set(1, "page = 3", "CAPTURED");
        under.sql(
                "update page set state = 'LEASED', epoch = 1, lease_holder = 'a/b', lease_since = now(), lease_until = now()"
                        + " where page = 4");
        under.sql(
                "update page set state = 'QUARANTINED', attempts = 5, cause = 'a.b.Bad$SourceFailed: too few users' where page = 9");
        under.sql("insert into dead_letter (run_id, page, position, reason) select run_id, page, n, 'bad ' || n % 2"
                + " from page, generate_series(1, 3) n where page = 1");
        // When
        Row row = board.look(Map.of()).block().get(0);
        // Then
        assertThat(row.cells())
                .startsWith(PageState.COMPLETE, PageState.COMPLETE, PageState.CAPTURED, PageState.LEASED)
                .endsWith(PageState.QUARANTINED, PageState.PLANNED)
                .hasSize(10);
        assertThat(row.progress().captured()).isEqualTo(300);
        assertThat(row.progress().stored()).isEqualTo(2 * 97);
        assertThat(row.progress().deadLetters()).isEqualTo(9);
        assertThat(row.deadLetters()).containsExactly(new Reason("bad 1", 2), new Reason("bad 0", 1));
        assertThat(row.quarantined()).containsExactly(new GivenUp(9, 5, "too few users"));
    }

    @Test
    void aRunOfManyPagesHasAtMostItsCellsAndTroubleIsNotHiddenInThem() {
        // Given
        plan(1, "RUNNING", 1_000);
        set(1, "page <= 500", "COMPLETE");
        set(1, "page = 501", "CAPTURED");
        under.sql("update page set state = 'QUARANTINED' where page = 777");
        // When
        Row row = board.look(Map.of()).block().get(0);
        // Then
        assertThat(row.pagesACell()).isEqualTo(5);
        assertThat(row.cells()).hasSize(RunBoard.CELLS);
        assertThat(row.cells().subList(0, 100)).containsOnly(PageState.COMPLETE);
        assertThat(row.cells().get(100)).isEqualTo(PageState.CAPTURED);
        assertThat(row.cells().get(155)).isEqualTo(PageState.QUARANTINED);
        assertThat(row.cells().get(199)).isEqualTo(PageState.PLANNED);
    }

    @Test
    void theNewestAreShownAndWhatIsStillRunningBesideThem() {
        // Given
        plan(1, "RUNNING", 2);
        for (int run = 2; run <= 40; run++) {
            plan(run, "COMPLETE", 1);
        }
        // When
        List<UUID> shown = board.look(Map.of()).block().stream()
                .map(row -> row.progress().run().id())
                .toList();
        // Then
        assertThat(shown)
                .hasSize(RunBoard.NEWEST + 1)
                .startsWith(id(40), id(39))
                .endsWith(id(1));
    }

    @Test
    void whatHasEndedIsReadOnceAndAgainAfterARedrive() {
        // Given
        plan(1, "COMPLETE", 3);
        Map<UUID, Row> before = byRun(board.look(Map.of()).block());
        // When
        Row same = board.look(before).block().get(0);
        under.sql("update run set finished_at = '2026-01-03'");
        Row ended = board.look(before).block().get(0);
        under.sql("update run set state = 'RUNNING', finished_at = null");
        Row again = board.look(before).block().get(0);
        // Then
        assertThat(same).isSameAs(before.get(id(1)));
        assertThat(ended).as("between two looks it ran and ended anew").isNotSameAs(before.get(id(1)));
        assertThat(again).isNotSameAs(before.get(id(1)));
    }

    /** Show 5 of the live page: with 1,000 runs of 100 pages no statement reads a table from one end to the other. */
    @Test
    void aLookCostsTheSameHoweverManyRunsThereWere() {
        // Given
        under.sql(
                "insert into run (id, idempotency_key, window_start, window_end, users, page_size, state, created_at, finished_at)"
                        + " select ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, n::text, now(), now() + interval '1 min',"
                        + " 10000, 100, case when n % 100 = 0 then 'RUNNING' else 'COMPLETE' end, now() + n * interval '1 s',"
                        + " case when n % 100 = 0 then null else now() end from generate_series(1, 1000) n");
        under.sql(
                "insert into page (run_id, page, page_users, source_page) select id, n, 100, n from run, generate_series(1, 100) n");
        under.sql(
                "insert into dead_letter (run_id, page, position, reason) select id, 1, n, 'x' from run, generate_series(1, 20) n");
        under.sql("update page set state = 'QUARANTINED' where page % 50 = 0");
        under.sql("analyze run, page, dead_letter");
        // When
        List<String> plans = List.of(
                planOf(PostgresBoard.RUNS, "20", "10"),
                planOf(PostgresBoard.PAGES, "'" + id(900) + "'", "1"),
                planOf(PostgresBoard.DEAD_LETTERS, "'" + id(900) + "'", "6"),
                planOf(PostgresBoard.GIVEN_UP_PAGES, "'" + id(900) + "'", "5", "200"));
        // Then
        assertThat(plans)
                .allSatisfy(plan -> assertThat(plan).doesNotContain("Seq Scan").contains("Index"));
        long shown = board.look(Map.of()).block().size();
        assertThat(shown).isEqualTo(RunBoard.NEWEST + 9); // the tenth of those that run is the newest of all
    }

    private static String planOf(String statement, String... values) {
        String asked = statement;
        for (int i = 0; i < values.length; i++) {
            asked = asked.replace("$" + (i + 1), values[i]);
        }
        String explained = "explain " + asked;
        return under.postgres
                .withConnection(connection -> connection
                        .createStatement(explained)
                        .execute()
                        .concatMap(result -> result.map(row -> row.get(0, String.class)))
                        .collect(Collectors.joining("\n")))
                .block();
    }

    private static Map<UUID, Row> byRun(List<Row> rows) {
        return rows.stream()
                .collect(Collectors.toMap(row -> row.progress().run().id(), Function.identity()));
    }

    private static UUID id(int run) {
        return UUID.fromString("00000000-0000-0000-0000-%012d".formatted(run));
    }

    /** A run with its pages of 100 users; a later number is newer. */
    private static void plan(int run, String state, int pages) {
        under.sql(
                "insert into run (id, idempotency_key, window_start, window_end, users, page_size, state, created_at, finished_at)"
                        + " values ('%s', '%d', '2026-01-01', '2026-01-02', %d, 100, '%s', '2026-01-01'::timestamptz + %d * interval '1 s', %s)"
                                .formatted(
                                        id(run),
                                        run,
                                        pages * 100,
                                        state,
                                        run,
                                        state.equals("RUNNING") ? "null" : "'2026-01-02'"));
        under.sql(
                "insert into page (run_id, page, page_users, source_page) select '%s', n, 100, n from generate_series(1, %d) n"
                        .formatted(id(run), pages));
    }

    /** Through the states before it; 97 users of a captured page go on. */
    private static void set(int run, String which, String state) {
        String where = " where run_id = '" + id(run) + "' and " + which;
        under.sql(
                "update page set state = 'LEASED', epoch = 1, lease_holder = 'a/b', lease_since = now(), lease_until = now()"
                        + where);
        under.sql(
                "update page set state = 'CAPTURED', captured_at = now(), body_bytes = 1, body_sha256 = 'x', encoder = 1, users = 97,"
                        + " digest = 0" + where);
        if (state.equals("COMPLETE")) {
            under.sql("update page set state = 'COMPLETE', stored = true, published = true, completed_at = now(),"
                    + " lease_holder = null, lease_since = null, lease_until = null" + where);
        }
    }
}
