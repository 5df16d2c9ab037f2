package io.tributary.ingest.ledger;

import static io.tributary.ingest.postgres.Columns.number;
import static io.tributary.ingest.postgres.Columns.value;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.Readable;
import io.tributary.ingest.ledger.LedgerRows.StateCount;
import io.tributary.ingest.model.PageState;
import io.tributary.ingest.model.Run;
import io.tributary.ingest.model.RunProgress;
import io.tributary.ingest.postgres.Postgres;
import io.tributary.ingest.postgres.Statements;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The board from the tables: two index scans for the runs, one for each of them whose pages may have changed. */
public final class PostgresBoard implements RunBoard {
    /** What was under way when a run ended has ended by then, or is seen again when its pages are captured ones. */
    private static final Duration SETTLING = Duration.ofMinutes(2);

    private static final int CAUSE_CHARACTERS = 200;
    private static final Pattern EXCEPTION = Pattern.compile("^[\\w.$]+: ");

    /** Of a cell's pages the first of these says what it is. */
    private static final List<PageState> FIRST =
            List.of(PageState.QUARANTINED, PageState.LEASED, PageState.CAPTURED, PageState.PLANNED, PageState.COMPLETE);

    static final String RUNS = "select " + RunTable.COLUMNS + """
             from run where id = any(array(select id from run order by created_at desc limit $1)
              || array(select id from run where state = 'RUNNING' order by created_at desc limit $2))
            order by created_at desc""";

    static final String PAGES = "select (page - 1) / $2 as cell, " + StateCount.COLUMNS
            + "from page where run_id = $1 group by cell, state";

    static final String DEAD_LETTERS = """
            select reason, count(*)::int as users from dead_letter where run_id = $1
            group by reason order by users desc, reason limit $2""";

    static final String GIVEN_UP_PAGES = """
            select page, attempts, coalesce(left(cause, $3), '') as cause from page
            where run_id = $1 and state = 'QUARANTINED' order by page limit $2""";

    private final Postgres postgres;
    private final InstantSource clock;

    public PostgresBoard(Postgres postgres, InstantSource clock) {
        this.postgres = postgres;
        this.clock = clock;
    }

    @Override
    public Mono<List<Row>> look(Map<UUID, Row> before) {
        return postgres.withConnection(connection -> Statements.rows(
                        connection.createStatement(RUNS).bind("$1", NEWEST).bind("$2", RUNNING), LedgerRows::run)
                .collectList() // at most both limits
                .flatMapMany(Flux::fromIterable)
                .concatMap(run -> row(connection, run, before.get(run.id())))
                .collectList());
    }

    private Mono<Row> row(PostgresqlConnection connection, Run run, @Nullable Row before) {
        if (before != null && isPast(run, before)) {
            return Mono.just(before);
        }
        int pagesACell = (run.pages() + CELLS - 1) / CELLS;
        return Statements.rows(
                        connection.createStatement(PAGES).bind("$1", run.id()).bind("$2", pagesACell), Counted::of)
                .collectList() // at most five states a cell
                .flatMap(counted -> {
                    RunProgress progress = StateCount.sum(
                            run, counted.stream().map(Counted::count).toList());
                    return Mono.zip(
                            deadLetters(connection, progress, before),
                            quarantined(connection, progress, before),
                            (dead, givenUp) ->
                                    new Row(progress, pagesACell, cells(run, pagesACell, counted), dead, givenUp));
                });
    }

    /** Nothing of it changes but by a redrive, which the run itself shows. */
    private boolean isPast(Run run, Row before) {
        return run.state().isFinal()
                && run.equals(before.progress().run())
                && count(before.progress(), PageState.CAPTURED) == 0
                && Objects.requireNonNull(run.finishedAt()).plus(SETTLING).isBefore(clock.instant());
    }

    private static int count(RunProgress progress, PageState state) {
        return progress.pages().getOrDefault(state, 0);
    }

    private static List<PageState> cells(Run run, int pagesACell, List<Counted> counted) {
        int cells = (run.pages() + pagesACell - 1) / pagesACell;
        List<PageState> states = new ArrayList<>(Collections.nCopies(cells, PageState.COMPLETE));
        for (Counted one : counted) {
            PageState state = one.count().state();
            if (FIRST.indexOf(state) < FIRST.indexOf(states.get(one.cell()))) {
                states.set(one.cell(), state);
            }
        }
        return List.copyOf(states);
    }

    private static Mono<List<Reason>> deadLetters(
            PostgresqlConnection connection, RunProgress now, @Nullable Row before) {
        if (now.deadLetters() == 0) {
            return Mono.just(List.of());
        }
        if (before != null && before.progress().deadLetters() == now.deadLetters()) {
            return Mono.just(before.deadLetters());
        }
        return Statements.rows(
                        connection
                                .createStatement(DEAD_LETTERS)
                                .bind("$1", now.run().id())
                                .bind("$2", REASONS),
                        row -> new Reason(value(row, "reason", String.class), number(row, "users")))
                .collectList(); // at most that limit
    }

    private static Mono<List<GivenUp>> quarantined(
            PostgresqlConnection connection, RunProgress now, @Nullable Row before) {
        int givenUp = count(now, PageState.QUARANTINED);
        if (givenUp == 0) {
            return Mono.just(List.of());
        }
        if (before != null && count(before.progress(), PageState.QUARANTINED) == givenUp) {
            return Mono.just(before.quarantined());
        }
        return Statements.rows(
                        connection
                                .createStatement(GIVEN_UP_PAGES)
                                .bind("$1", now.run().id())
                                .bind("$2", GIVEN_UP)
                                .bind("$3", CAUSE_CHARACTERS),
                        row -> new GivenUp(
                                number(row, "page"), number(row, "attempts"), words(value(row, "cause", String.class))))
                .collectList(); // at most that limit
    }

    /** Without the name of the exception, with which a cause is kept. */
    private static String words(String cause) {
        return EXCEPTION.matcher(cause).replaceFirst("");
    }

    private record Counted(int cell, StateCount count) {
        static Counted of(Readable row) {
            return new Counted(number(row, "cell"), StateCount.of(row));
        }
    }
}
