package io.tributary.stream;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.AsyncResultSet;
import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import io.tributary.stream.cassandra.CassandraReactiveSink;
import io.tributary.stream.cassandra.Patience;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.apache.spark.api.java.function.FlatMapGroupsFunction;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.LongAccumulator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the pages of a topic anew, in a generation of their own that outranks all before, beside the live stream. The topic
 * holds runs published again from their stored responses; it is read once, from its begin to its end at this moment.
 *
 * <p>A page is written whole or not at all: a page that is not complete in the topic would outrank a fuller one. A reader sees
 * each row as it was or as it is counted now. Groups that a page no longer has are deleted, with a timestamp below the new
 * rows' and above all others'. A rebuild that was halted is begun again, in the next generation.
 */
final class Rebuild {
    private static final Logger LOG = LoggerFactory.getLogger(Rebuild.class);

    /** Pages of one rebuild: about 20 MB here. */
    static final int MOST_PAGES = 100_000;

    private static final int DELETES_IN_FLIGHT = 128;

    /** As long as the sink repeats a write. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final String ROWS_OF_WINDOW =
            "SELECT nationality, gender, run_id, page, writetime(users) AS written FROM tributary.window_users"
                    + " WHERE window_start = ?";
    private static final String DELETE = "DELETE FROM tributary.window_users USING TIMESTAMP ?"
            + " WHERE window_start = ? AND nationality = ? AND gender = ? AND run_id = ? AND page = ?";

    private final SparkSession spark;
    private final StreamSettings settings;
    private final CqlSession cassandra;

    /**
     * What was done.
     *
     * @param left pages that are not whole in the topic, so that what stands was left as it is
     * @param removed rows of groups that are no more
     */
    record Outcome(int generation, long pages, long users, long left, long removed) {}

    private record PageId(UUID run, int page) {}

    Rebuild(SparkSession spark, StreamSettings settings, CqlSession cassandra) {
        this.spark = spark;
        this.settings = settings;
        this.cassandra = cassandra;
    }

    /** @throws IllegalStateException where the topic holds more than {@link #MOST_PAGES} pages; nothing is written then */
    Outcome run(String topic) {
        int generation = new StreamState(cassandra).next();
        StreamQueries queries =
                new StreamQueries(spark, settings, generation, new DeadLetterCounts(spark.sparkContext()));
        LongAccumulator left = spark.sparkContext().longAccumulator("pages not whole");
        Dataset<Row> counted =
                counted(queries.parts(queries.all(topic)), generation, left).persist(StorageLevel.DISK_ONLY());
        try {
            List<Row> pages = pages(counted);
            write(counted.toDF(), StreamQueries.COUNTER_TABLES);
            long removed = sweep(generation, pages);
            write(queries.userRows(queries.all(topic)), Map.of("table", UserRows.TABLE));
            long users = pages.stream()
                    .mapToLong(page -> page.<Integer>getAs("users"))
                    .sum();
            LOG.info(
                    "rebuild=done topic={} generation={} pages={} users={} left={} removed={}",
                    topic,
                    generation,
                    pages.size(),
                    users,
                    left.value(),
                    removed);
            return new Outcome(generation, pages.size(), users, left.value(), removed);
        } finally {
            counted.unpersist();
        }
    }

    private Dataset<Row> counted(Dataset<byte[]> parts, int generation, LongAccumulator left) {
        PageRows rows = new PageRows(settings.window(), generation);
        return parts.groupByKey((MapFunction<byte[], byte[]>) PagePart::keyOf, Encoders.BINARY())
                .flatMapGroups(
                        (FlatMapGroupsFunction<byte[], byte[], Row>) (key, ofPage) -> rowsOf(rows, left, key, ofPage),
                        Encoders.row(PageRows.SHAPE));
    }

    private static Iterator<Row> rowsOf(PageRows rows, LongAccumulator left, byte[] key, Iterator<byte[]> parts) {
        PagePart first = PagePart.of(parts.next()); // there is no key without a part
        PageCounter counter = PageCounter.of(null, first);
        counter.add(first);
        parts.forEachRemaining(part -> counter.add(PagePart.of(part)));
        if (counter.users() < counter.pageUsers()) {
            left.add(1L); // again where Spark repeats a task: for people, not for sums
            return Collections.emptyIterator();
        }
        return rows.of(key, counter).iterator();
    }

    private static List<Row> pages(Dataset<Row> counted) {
        List<Row> pages = counted.filter(counted.col(PageRows.TABLE).equalTo("page_sums"))
                .select("run_id", "page", "window_start", "captured_at", "users")
                .limit(MOST_PAGES + 1)
                .collectAsList();
        if (pages.size() > MOST_PAGES) {
            throw new IllegalStateException(
                    "more than " + MOST_PAGES + " pages in one rebuild; rebuild fewer runs at once");
        }
        return pages;
    }

    private void write(Dataset<Row> rows, Map<String, String> tables) {
        rows.write()
                .format(CassandraReactiveSink.FORMAT)
                .options(StreamQueries.sinkOptions(settings))
                .options(tables)
                .mode(SaveMode.Append)
                .save();
    }

    /** Deletes what older generations say about these pages and the new one does not. */
    private long sweep(int generation, List<Row> pages) {
        Map<PageId, Long> capturedAt = new HashMap<>();
        Set<Instant> windows = new TreeSet<>();
        for (Row page : pages) {
            ByteBuffer run = ByteBuffer.wrap(page.<byte[]>getAs("run_id"));
            capturedAt.put(
                    new PageId(new UUID(run.getLong(), run.getLong()), page.<Integer>getAs("page")),
                    Micros.of(page.<Instant>getAs("captured_at")));
            windows.add(page.getAs("window_start"));
        }
        PreparedStatement rows = Patience.ask(PATIENCE, () -> cassandra.prepare(ROWS_OF_WINDOW));
        PreparedStatement delete = Patience.ask(PATIENCE, () -> cassandra.prepare(DELETE));
        long removed = 0;
        for (Instant window : windows) {
            List<BoundStatement> deletes =
                    Patience.ask(PATIENCE, () -> deletes(generation, capturedAt, window, rows.bind(window), delete));
            for (int from = 0; from < deletes.size(); from += DELETES_IN_FLIGHT) {
                List<BoundStatement> some = deletes.subList(from, Math.min(deletes.size(), from + DELETES_IN_FLIGHT));
                removed += Patience.ask(PATIENCE, () -> executed(some));
            }
        }
        return removed;
    }

    private List<BoundStatement> deletes(
            int generation,
            Map<PageId, Long> capturedAt,
            Instant window,
            BoundStatement rows,
            PreparedStatement delete) {
        List<BoundStatement> deletes = new ArrayList<>();
        for (var row : cassandra.execute(rows)) {
            UUID run = row.getUuid("run_id");
            Long captured = run == null ? null : capturedAt.get(new PageId(run, row.getInt("page")));
            if (captured != null && row.getLong("written") < WriteTime.of(generation, 0, 0)) {
                deletes.add(delete.bind(
                        WriteTime.of(generation, captured, 0),
                        window,
                        row.getString("nationality"),
                        row.getString("gender"),
                        run,
                        row.getInt("page")));
            }
        }
        return deletes;
    }

    private int executed(List<BoundStatement> statements) {
        List<CompletionStage<AsyncResultSet>> answers = new ArrayList<>();
        statements.forEach(statement -> answers.add(cassandra.executeAsync(statement)));
        answers.forEach(answer -> answer.toCompletableFuture().join());
        return statements.size();
    }
}
