package io.tributary.ingest.ledger;

import static io.tributary.ingest.postgres.Columns.bytes;
import static io.tributary.ingest.postgres.Columns.instant;
import static io.tributary.ingest.postgres.Columns.number;
import static io.tributary.ingest.postgres.Columns.value;

import io.r2dbc.spi.Readable;
import io.tributary.ingest.model.Lease;
import io.tributary.ingest.model.PageRequest;
import io.tributary.ingest.model.PageState;
import io.tributary.ingest.model.PageSum;
import io.tributary.ingest.model.Run;
import io.tributary.ingest.model.RunProgress;
import io.tributary.ingest.model.RunState;
import io.tributary.schemas.Digest;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** What the ledger's queries answer, as types. */
final class LedgerRows {
    private LedgerRows() {}

    static Run run(Readable row) {
        OffsetDateTime finished = row.get("finished_at", OffsetDateTime.class);
        Integer seconds = row.get("max_run_seconds", Integer.class);
        return new Run(
                value(row, "id", UUID.class),
                RunState.valueOf(value(row, "state", String.class)),
                instant(row, "window_start"),
                instant(row, "window_end"),
                number(row, "users"),
                number(row, "page_size"),
                row.get("seed", String.class),
                List.of(value(row, "nat", String[].class)),
                row.get("gender", String.class),
                instant(row, "created_at"),
                finished == null ? null : finished.toInstant(),
                seconds == null ? null : Duration.ofSeconds(seconds),
                row.get("cause", String.class),
                row.get("source_version", String.class),
                row.get("flag", String.class));
    }

    static Lease lease(Readable row) {
        PageRequest request = new PageRequest(
                value(row, "run_id", UUID.class),
                number(row, "page"),
                number(row, "page_users"),
                row.get("source_seed", String.class),
                number(row, "source_page"),
                List.of(value(row, "nat", String[].class)),
                row.get("gender", String.class));
        boolean captured = PageState.CAPTURED.name().equals(row.get("state", String.class));
        return new Lease(
                request,
                value(row, "epoch", Long.class),
                captured,
                instant(row, "window_start"),
                instant(row, "window_end"));
    }

    static PageSum pageSum(Readable row) {
        return new PageSum(number(row, "page"), number(row, "page_users"), instant(row, "captured_at"), digest(row));
    }

    private static Digest digest(Readable row) {
        return new Digest(number(row, "users"), value(row, "digest", Long.class));
    }

    /** A captured page with its stored response. */
    record Original(Lease lease, Instant capturedAt, Digest digest, StoredBody body, Set<Integer> dead) {
        static Original of(Readable row) {
            StoredBody body = new StoredBody(bytes(row, "body"), number(row, "body_bytes"), bytes(row, "body_sha256"));
            return new Original(
                    LedgerRows.lease(row),
                    instant(row, "captured_at"),
                    LedgerRows.digest(row),
                    body,
                    Set.of(value(row, "dead", Integer[].class)));
        }
    }

    /** The pages of a run that are in one state. */
    record StateCount(PageState state, int pages, long captured, long stored, long published, long dead, long users) {
        /** Of {@code page}, grouped by {@code state} at least. */
        static final String COLUMNS = """
                state, count(*)::int as pages,
                coalesce(sum(page_users) filter (where captured_at is not null), 0) as captured,
                coalesce(sum(users) filter (where stored), 0) as stored,
                coalesce(sum(users) filter (where published), 0) as published,
                coalesce(sum(page_users - users), 0) as dead, coalesce(sum(users), 0) as users
                """;

        static StateCount of(Readable row) {
            return new StateCount(
                    PageState.valueOf(value(row, "state", String.class)),
                    number(row, "pages"),
                    value(row, "captured", Long.class),
                    value(row, "stored", Long.class),
                    value(row, "published", Long.class),
                    value(row, "dead", Long.class),
                    value(row, "users", Long.class));
        }

        /** Of all pages of a run. */
        static RunProgress sum(Run run, Collection<StateCount> counts) {
            Map<PageState, Integer> pages = new EnumMap<>(PageState.class);
            for (PageState state : PageState.values()) {
                pages.put(state, 0);
            }
            long captured = 0;
            long stored = 0;
            long published = 0;
            long dead = 0;
            long givenUp = 0;
            for (StateCount count : counts) {
                pages.merge(count.state, count.pages, Integer::sum);
                captured += count.captured;
                stored += count.stored;
                published += count.published;
                dead += count.dead;
                givenUp += count.state == PageState.QUARANTINED ? count.users : 0;
            }
            return new RunProgress(run, pages, captured, stored, published, dead, givenUp);
        }
    }
}
