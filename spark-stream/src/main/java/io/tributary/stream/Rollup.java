package io.tributary.stream;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.date_trunc;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.unix_micros;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.AsyncResultSet;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import io.tributary.stream.cassandra.CassandraReactiveSink;
import io.tributary.stream.cassandra.CassandraSessions;
import io.tributary.stream.cassandra.Patience;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Sums the windows of some days up to hours and days, in {@code rollup_users}. Bounded: the windows that are listed when it
 * begins, {@link #WINDOWS_AHEAD} read at once by a task. May be repeated, also beside itself: sums are absolute and the
 * fuller one wins, within the newest generation. A window belongs to the hour and the UTC day that it begins in.
 */
final class Rollup {
    /** Days of one call. */
    static final int MOST_DAYS = 366;

    private static final int WINDOWS_AHEAD = 8;

    /** As long as the sink repeats a write. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final StructType GROUP = new StructType()
            .add("at", DataTypes.TimestampType)
            .add("nationality", DataTypes.StringType)
            .add("gender", DataTypes.StringType)
            .add("users", DataTypes.LongType)
            .add("aged", DataTypes.LongType)
            .add("age_sum", DataTypes.LongType);
    private static final String OF_A_DAY = "SELECT window_start FROM tributary.windows_by_day WHERE day = ?";
    private static final String GROUPS = "SELECT nationality, gender, sum(cast(users AS bigint)) AS users,"
            + " sum(cast(aged AS bigint)) AS aged, sum(age_sum) AS age_sum FROM tributary.window_users"
            + " WHERE window_start = ? GROUP BY nationality, gender";

    private final SparkSession spark;
    private final StreamSettings settings;
    private final CqlSession cassandra;

    /** What was summed up, and the rows that it became. */
    record Outcome(long windows, long hours, long days) {}

    Rollup(SparkSession spark, StreamSettings settings, CqlSession cassandra) {
        this.spark = spark;
        this.settings = settings;
        this.cassandra = cassandra;
    }

    /**
     * From one day to another, UTC.
     *
     * @param to the first day that is left out
     * @throws IllegalArgumentException on no day or more than {@link #MOST_DAYS}
     */
    Outcome run(LocalDate from, LocalDate to) {
        long days = ChronoUnit.DAYS.between(from, to);
        if (days < 1 || days > MOST_DAYS) {
            throw new IllegalArgumentException(from + " to " + to + ", expected 1.." + MOST_DAYS + " days");
        }
        int generation = new StreamState(cassandra).newest();
        List<Long> windows = windows(from, to);
        Map<String, String> options = StreamQueries.sinkOptions(settings);
        Dataset<Row> groups = spark.createDataset(windows, Encoders.LONG())
                .mapPartitions(
                        (MapPartitionsFunction<Long, Row>) starts -> groups(options, starts), Encoders.row(GROUP))
                .persist();
        try {
            long hours = write(groups, "hour", generation);
            return new Outcome(windows.size(), hours, write(groups, "day", generation));
        } finally {
            groups.unpersist();
        }
    }

    /** In milliseconds since 1970. */
    private List<Long> windows(LocalDate from, LocalDate to) {
        PreparedStatement ofADay = Patience.ask(PATIENCE, () -> cassandra.prepare(OF_A_DAY));
        return from.datesUntil(to)
                .flatMap(day -> Patience.ask(
                        PATIENCE, () -> cassandra.execute(ofADay.bind(day)).all())
                        .stream())
                .map(row -> row.getInstant(0))
                .filter(Objects::nonNull)
                .map(Instant::toEpochMilli)
                .toList();
    }

    private static Iterator<Row> groups(Map<String, String> options, Iterator<Long> starts) throws IOException {
        CqlSession session = session(options);
        PreparedStatement select = Patience.ask(PATIENCE, () -> session.prepare(GROUPS));
        List<Row> rows = new ArrayList<>();
        while (starts.hasNext()) {
            List<Instant> ahead = new ArrayList<>();
            while (starts.hasNext() && ahead.size() < WINDOWS_AHEAD) {
                ahead.add(Instant.ofEpochMilli(starts.next()));
            }
            rows.addAll(Patience.ask(PATIENCE, () -> groups(session, select, ahead)));
        }
        return rows.iterator();
    }

    /** Of a few windows, asked for at once. */
    private static List<Row> groups(CqlSession session, PreparedStatement select, List<Instant> starts) {
        Map<Instant, CompletionStage<AsyncResultSet>> asked = new HashMap<>();
        starts.forEach(start -> asked.put(start, session.executeAsync(select.bind(start))));
        List<Row> rows = new ArrayList<>();
        asked.forEach((start, answer) -> answer.toCompletableFuture()
                .join()
                .currentPage() // a window has at most 42 groups, a page of the driver 5,000 rows
                .forEach(row -> rows.add(RowFactory.create(
                        start,
                        row.getString("nationality"),
                        row.getString("gender"),
                        row.getLong("users"),
                        row.getLong("aged"),
                        row.getLong("age_sum")))));
        return rows;
    }

    private static CqlSession session(Map<String, String> options) throws IOException {
        Map<String, String> all = new HashMap<>(options);
        all.put("table", "rollup_users");
        return CassandraSessions.shared(all);
    }

    private long write(Dataset<Row> groups, String size, int generation) {
        Dataset<Row> rows = groups.groupBy(
                        lit(size).as("size"),
                        date_trunc(size, col("at")).as("window_start"),
                        col("nationality"),
                        col("gender"))
                .agg(
                        sum("users").as("users"),
                        sum("aged").as("aged"),
                        sum("age_sum").as("age_sum"))
                .withColumn(
                        PageRows.WRITE_TIME,
                        unix_micros(col("window_start")).plus(col("users")).plus(lit(WriteTime.of(generation, 0, 0))))
                .persist();
        try {
            rows.write()
                    .format(CassandraReactiveSink.FORMAT)
                    .options(StreamQueries.sinkOptions(settings))
                    .option("table", "rollup_users")
                    .option("batchRows", 42)
                    .mode(SaveMode.Append)
                    .save();
            return rows.select("window_start").distinct().count();
        } finally {
            rows.unpersist();
        }
    }
}
