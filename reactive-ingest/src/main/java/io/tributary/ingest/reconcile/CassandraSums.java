package io.tributary.ingest.reconcile;

import com.datastax.dse.driver.api.core.cql.reactive.ReactiveRow;
import io.tributary.schemas.Digest;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/** What the stream has counted of a run: each page's sum, and how its windows are made up of pages. */
final class CassandraSums implements PageSums {
    private static final String SUMS = """
            select page, users, digest, window_start from tributary.page_sums
            where run_id = ? and page >= ? and page <= ?""";

    /** The filter stays inside of one partition, a window: all its rows of the run, 42 or fewer a page. */
    private static final String SHARES = """
            select page, users from tributary.window_users
            where window_start = ? and run_id = ? and page >= ? and page <= ? allow filtering""";

    private final CassandraSession cassandra;

    CassandraSums(CassandraSession cassandra) {
        this.cassandra = cassandra;
    }

    @Override
    public Flux<CountedPage> counted(Slice slice) {
        UUID run = slice.run().id();
        return cassandra.rows(SUMS, run, slice.readFrom(), slice.readTo()).map(CassandraSums::countedPage);
    }

    private static CountedPage countedPage(ReactiveRow row) {
        return new CountedPage(row.getInt(0), new Digest(row.getInt(1), row.getLong(2)), window(row));
    }

    private static @Nullable Instant window(ReactiveRow row) {
        return row.getInstant(3);
    }

    @Override
    public Flux<Share> shares(Slice slice, List<Instant> windows) {
        UUID run = slice.run().id();
        return Flux.fromIterable(windows)
                .concatMap(window -> cassandra.rows(SHARES, window, run, slice.readFrom(), slice.readTo()))
                .map(row -> new Share(row.getInt(0), row.getInt(1)));
    }
}
