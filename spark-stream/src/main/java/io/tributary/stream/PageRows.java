package io.tributary.stream;

import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A counted page as absolute rows of three tables in one shape, a row naming its table: {@code window_users} for each group
 * that changed, {@code page_sums}, {@code windows_by_day}.
 */
record PageRows(Duration window, int generation) implements Serializable {
    static final String TABLE = "table_name";
    static final String WRITE_TIME = "write_time";
    static final List<String> TABLES = List.of("window_users", "page_sums", "windows_by_day");

    static final StructType SHAPE = new StructType()
            .add(TABLE, DataTypes.StringType)
            .add(WRITE_TIME, DataTypes.LongType)
            .add("run_id", DataTypes.BinaryType)
            .add("page", DataTypes.IntegerType)
            .add("window_start", DataTypes.TimestampType)
            .add("users", DataTypes.IntegerType)
            .add("nationality", DataTypes.StringType)
            .add("gender", DataTypes.StringType)
            .add("aged", DataTypes.IntegerType)
            .add("age_sum", DataTypes.LongType)
            .add("captured_at", DataTypes.TimestampType)
            .add("page_users", DataTypes.IntegerType)
            .add("digest", DataTypes.LongType)
            .add("day", DataTypes.DateType);

    /** The rows of a page whose counter changed; those of one partition are neighbours. */
    List<Row> of(byte[] key, PageCounter counter) {
        byte[] run = UserRows.bytes(PagePart.runOf(key));
        int page = PagePart.pageOf(key);
        long capturedAt = counter.capturedAtMicros();
        Instant windowStart = Micros.instant(Micros.windowStart(capturedAt, window));
        List<Row> rows = new ArrayList<>();
        for (PageCounter.Counted group : counter.changedGroups()) {
            rows.add(row(
                    "window_users",
                    WriteTime.of(generation, capturedAt, group.users()),
                    run,
                    page,
                    windowStart,
                    group.users(),
                    group.group().nationality(),
                    group.group().gender(),
                    group.aged(),
                    (long) group.ageSum(),
                    null,
                    null,
                    null,
                    null));
        }
        rows.add(row(
                "page_sums",
                WriteTime.of(generation, capturedAt, counter.users()),
                run,
                page,
                windowStart,
                counter.users(),
                null,
                null,
                null,
                null,
                Micros.instant(capturedAt),
                counter.pageUsers(),
                counter.digest(),
                null));
        rows.add(row(
                "windows_by_day",
                WriteTime.of(generation, capturedAt, 0),
                null,
                null,
                windowStart,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                LocalDate.ofInstant(windowStart, ZoneOffset.UTC)));
        return rows;
    }

    private static Row row(@Nullable Object... values) {
        return RowFactory.create(values);
    }
}
