package io.tributary.ingest.ledger;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import io.tributary.ingest.ledger.LedgerRows.StateCount;
import io.tributary.ingest.model.NewRun;
import io.tributary.ingest.model.Run;
import io.tributary.ingest.model.RunProgress;
import io.tributary.ingest.postgres.Columns;
import io.tributary.ingest.postgres.Statements;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The rows of runs: how they begin, are read, and end. */
final class RunTable {
    static final String COLUMNS =
            "id, state, window_start, window_end, users, page_size, seed, nat, gender, created_at, finished_at,"
                    + " max_run_seconds, cause, source_version, flag";
    private static final int FLAG_CHARACTERS = 200;

    private RunTable() {}

    static Mono<Run> insert(PostgresqlConnection connection, NewRun wanted, UUID id) {
        String seed = wanted.seed() != null || wanted.gender() != null ? wanted.seed() : SourceSeeds.of(id);
        PostgresqlStatement insert = connection
                .createStatement("""
                        insert into run (id, idempotency_key, window_start, window_end, users, page_size, seed, nat, gender,
                                         max_run_seconds, deadline)
                        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, clock_timestamp() + $10 * interval '1 second')
                        on conflict (idempotency_key) do nothing
                        returning\s""" + COLUMNS)
                .bind("$1", id)
                .bind("$2", wanted.idempotencyKey())
                .bind("$3", PageTable.utc(wanted.windowStart()))
                .bind("$4", PageTable.utc(wanted.windowEnd()))
                .bind("$5", wanted.users())
                .bind("$6", wanted.pageSize())
                .bind("$8", wanted.nationalities().toArray(String[]::new));
        Statements.bindText(insert, "$7", seed);
        Statements.bindText(insert, "$9", wanted.gender());
        Duration most = wanted.maxRunTime();
        if (most == null) {
            insert.bindNull("$10", Integer.class);
        } else {
            insert.bind("$10", Math.toIntExact(most.toSeconds()));
        }
        return Statements.one(insert, LedgerRows::run);
    }

    static Mono<Long> insertPages(PostgresqlConnection connection, Run run) {
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

    static Mono<Run> byKey(PostgresqlConnection connection, String key) {
        return Statements.one(
                connection
                        .createStatement("select " + COLUMNS + " from run where idempotency_key = $1")
                        .bind("$1", key),
                LedgerRows::run);
    }

    static boolean sameParameters(Run run, NewRun wanted) {
        boolean sameSeed = wanted.seed() == null
                ? wanted.gender() != null || SourceSeeds.of(run.id()).equals(run.seed())
                : wanted.seed().equals(run.seed());
        return sameSeed
                && run.windowStart().equals(wanted.windowStart())
                && run.windowEnd().equals(wanted.windowEnd())
                && run.users() == wanted.users()
                && run.pageSize() == wanted.pageSize()
                && run.nationalities().equals(wanted.nationalities())
                && Objects.equals(run.gender(), wanted.gender())
                && Objects.equals(run.maxRunTime(), wanted.maxRunTime());
    }

    static Mono<Run> byId(PostgresqlConnection connection, UUID runId) {
        return Statements.one(
                connection
                        .createStatement("select " + COLUMNS + " from run where id = $1")
                        .bind("$1", runId),
                LedgerRows::run);
    }

    static Flux<RunProgress> newest(PostgresqlConnection connection, int limit) {
        return Statements.rows(
                        connection
                                .createStatement("select " + COLUMNS + " from run order by created_at desc limit $1")
                                .bind("$1", limit),
                        LedgerRows::run)
                .collectList() // at most that limit
                .flatMapMany(runs -> progress(connection, runs));
    }

    static Mono<RunProgress> progress(PostgresqlConnection connection, UUID runId) {
        return byId(connection, runId)
                .flatMapMany(run -> progress(connection, List.of(run)))
                .next();
    }

    /** Of each, in their order, by one question for all. */
    private static Flux<RunProgress> progress(PostgresqlConnection connection, List<Run> runs) {
        return Statements.rows(
                        connection
                                .createStatement("select run_id, " + StateCount.COLUMNS
                                        + "from page where run_id = any($1) group by run_id, state")
                                .bind("$1", runs.stream().map(Run::id).toArray(UUID[]::new)),
                        row -> Map.entry(Columns.value(row, "run_id", UUID.class), StateCount.of(row)))
                .collectMultimap(Map.Entry::getKey, Map.Entry::getValue) // at most five states a run
                .flatMapIterable(counts -> runs.stream()
                        .map(run -> StateCount.sum(run, counts.getOrDefault(run.id(), List.of())))
                        .toList());
    }

    /** Its pages stay as they are: none is handed out, renewed or captured any more, those that are captured go on. */
    static Mono<Run> cancel(PostgresqlConnection connection, UUID runId) {
        return Statements.one(connection.createStatement("""
                        update run set state = 'CANCELLED', finished_at = clock_timestamp(), cause = 'cancelled'
                        where id = $1 and state = 'RUNNING' returning\s""" + COLUMNS).bind("$1", runId), LedgerRows::run);
    }

    /** Stops runs that are over their deadline. */
    static Mono<Long> stopOverdue(PostgresqlConnection connection) {
        return Statements.changed(connection.createStatement("""
                update run set state = 'CANCELLED', finished_at = clock_timestamp(),
                  cause = 'over its maximum run time of ' || max_run_seconds || ' s'
                where state = 'RUNNING' and deadline <= clock_timestamp()"""));
    }

    /**
     * Ends a run, or any, whose last page has ended. By itself, after the page's commit: of two pages that end at the same
     * time one must see both.
     */
    static Mono<Void> finish(PostgresqlConnection connection, @Nullable UUID runId) {
        PostgresqlStatement update = connection.createStatement("""
                update run r set finished_at = clock_timestamp(), state = case when exists
                  (select from page where run_id = r.id and state = 'QUARANTINED') then 'INCOMPLETE' else 'COMPLETE' end
                where state = 'RUNNING' and ($1::uuid is null or id = $1) and not exists
                  (select from page where run_id = r.id and state in ('PLANNED', 'LEASED', 'CAPTURED'))""");
        return Statements.changed(runId == null ? update.bindNull("$1", UUID.class) : update.bind("$1", runId))
                .then();
    }

    /** After its quarantined pages were opened again: a run that had ended without them goes on, with all its time. */
    static Mono<Long> reopen(PostgresqlConnection connection, UUID runId) {
        return Statements.changed(connection.createStatement("""
                        update run r set state = 'RUNNING', finished_at = null, rest_until = null,
                          deadline = clock_timestamp() + max_run_seconds * interval '1 second'
                        where id = $1 and state = 'INCOMPLETE' and not exists
                          (select from page where run_id = r.id and state = 'QUARANTINED')""").bind("$1", runId));
    }

    /**
     * The version of the source that the run is pinned to, which is {@code version} when no page before was captured with
     * one. Others that capture a first page at the same time wait here.
     */
    static Mono<String> pinned(PostgresqlConnection connection, UUID runId, String version) {
        Mono<String> mine = Statements.one(
                connection.createStatement("""
                        update run set source_version = $2 where id = $1 and source_version is null
                        returning source_version""").bind("$1", runId).bind("$2", version),
                row -> Columns.value(row, "source_version", String.class));
        return mine.switchIfEmpty(Mono.defer(() -> Statements.one( // by now whoever was first has committed
                connection
                        .createStatement("select source_version from run where id = $1")
                        .bind("$1", runId),
                row -> Columns.value(row, "source_version", String.class))));
    }

    static Mono<Long> flag(PostgresqlConnection connection, UUID runId, String what) {
        return Statements.changed(connection
                .createStatement("update run set flag = left($2, $3) where id = $1 and flag is null")
                .bind("$1", runId)
                .bind("$2", what.replace("\0", ""))
                .bind("$3", FLAG_CHARACTERS));
    }
}
