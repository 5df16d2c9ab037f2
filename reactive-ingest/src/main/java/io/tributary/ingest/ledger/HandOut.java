package io.tributary.ingest.ledger;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.tributary.ingest.model.Lease;
import io.tributary.ingest.postgres.Statements;
import io.tributary.ingest.protocol.Decision.Next;
import io.tributary.ingest.protocol.PageEntry.Hold;
import io.tributary.ingest.protocol.PageMove;
import java.time.Duration;
import java.util.UUID;
import reactor.core.publisher.Mono;

/**
 * Which page is offered next. Runs share the workers: first comes the run with the fewest pages under lease, chance decides
 * between equals; of a run first what is captured, then in the order of the plan.
 *
 * <p>A run whose page failed by its own fault rests {@link #REST} times as long as that page took, and then has one page at a
 * time until one is captured. So a poisoned run takes at most a fifth of one worker from the others, however long its pages
 * take to fail.
 */
final class HandOut {
    /** Four parts of rest to one of work: others keep 80 %. */
    private static final int REST = 4;

    private static final String NEXT = """
            with held as (
              select run_id, count(*) as pages from page where lease_until is not null group by run_id),
            open as (
              select id from run where state = 'RUNNING'
              union
              select run_id from page where state = 'CAPTURED'),
            turn as (
              select r.* from open join run r using (id) left join held h on h.run_id = r.id
              where r.rest_until is null or (r.rest_until <= clock_timestamp() and h.pages is null)
              order by coalesce(h.pages, 0), random())
            select\s""" + PageTable.ENTRY + """
            , p.page_users, p.source_seed, p.source_page, r.window_start, r.window_end, r.nat, r.gender
            from turn r cross join lateral (
              select * from page o
              where o.run_id = r.id and o.state in ('PLANNED', 'LEASED', 'CAPTURED')
                and (o.state <> 'CAPTURED')
                    <= ($1 and r.state = 'RUNNING' and (r.deadline is null or r.deadline > clock_timestamp()))
                and o.not_before <= clock_timestamp()
                and (o.lease_until is null or o.lease_until < clock_timestamp())
              order by (o.state <> 'CAPTURED'), o.not_before, o.page
              limit 1
              for update skip locked) p
            limit 1""";

    private HandOut() {}

    /** The row is locked: nobody else is offered it before the caller's transaction ends. */
    static Mono<Lease> next(PostgresqlConnection connection, PageMove.Take take) {
        return Statements.one(
                        connection.createStatement(NEXT).bind("$1", take.mayFetch()),
                        row -> new Offer(PageTable.Locked.of(row), LedgerRows.lease(row)))
                .flatMap(offer -> offer.locked().decide(take) instanceof Next next
                        ? PageTable.write(connection, offer.locked(), next).thenReturn(offer.lease(next))
                        : Mono.empty());
    }

    private record Offer(PageTable.Locked locked, Lease before) {
        Lease lease(Next next) {
            return new Lease(
                    before.request(), next.page().epoch(), before.captured(), before.windowStart(), before.windowEnd());
        }
    }

    /** After a failure that is the page's own. */
    static Mono<Long> rest(PostgresqlConnection connection, PageTable.Locked failed, Hold hold) {
        Duration took = Duration.between(hold.since(), failed.now());
        return Statements.changed(connection
                .createStatement("update run set rest_until = $2 where id = $1")
                .bind("$1", failed.runId())
                .bind("$2", PageTable.utc(failed.now().plus(took.multipliedBy(REST)))));
    }

    /** A page of the run was captured: it shares like the others again. */
    static Mono<Long> share(PostgresqlConnection connection, UUID runId) {
        return Statements.changed(connection
                .createStatement("update run set rest_until = null where id = $1 and rest_until is not null")
                .bind("$1", runId));
    }
}
