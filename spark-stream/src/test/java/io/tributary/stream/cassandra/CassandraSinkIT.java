package io.tributary.stream.cassandra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.datastax.oss.driver.api.core.cql.Row;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.stream.Stack;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.jdk.javaapi.CollectionConverters;

/** The sink by itself, as another project would use it: lines of JSON into tables of its own. */
class CassandraSinkIT {
    private static Stack stack;
    private static SparkSession spark;

    @TempDir
    private Path folder;

    private final AtomicInteger batches = new AtomicInteger();

    @BeforeAll
    static void start(@TempDir Path scratch) throws Exception {
        stack = Stack.start(Part.CASSANDRA);
        spark = SparkSession.builder()
                .master("local[1]")
                .config("spark.ui.enabled", false)
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.sql.shuffle.partitions", 1)
                .config("spark.sql.session.timeZone", "UTC")
                .config("spark.local.dir", scratch.toString())
                .config("spark.sql.warehouse.dir", scratch.resolve("warehouse").toString())
                .getOrCreate();
        cql("CREATE KEYSPACE sink WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
        cql("CREATE TABLE sink.types (id uuid PRIMARY KEY, flag boolean, tiny tinyint, small smallint, whole int,"
                + " big bigint, single float, twice double, text text, simple ascii, at timestamp, on_day date,"
                + " amount decimal, bytes blob)");
        cql("CREATE TABLE sink.counts (day date, word text, n int, PRIMARY KEY ((day), word))");
        cql("CREATE TABLE sink.totals (day date PRIMARY KEY, n int)");
        cql("CREATE TABLE sink.fading (word text PRIMARY KEY, n int) WITH default_time_to_live = 3600");
        cql("CREATE TABLE sink.plain (word text PRIMARY KEY, n int)");
        cql("CREATE TABLE sink.hits (word text PRIMARY KEY, n counter)");
    }

    @AfterAll
    static void end() throws Exception {
        spark.stop();
        stack.close();
    }

    @Test
    void everyTypeArrivesAndANullLeavesWhatIsThere() throws Exception {
        // Given
        StructType row = new StructType()
                .add("id", DataTypes.StringType)
                .add("flag", DataTypes.BooleanType)
                .add("tiny", DataTypes.ByteType)
                .add("small", DataTypes.ShortType)
                .add("whole", DataTypes.IntegerType)
                .add("big", DataTypes.LongType)
                .add("single", DataTypes.FloatType)
                .add("twice", DataTypes.DoubleType)
                .add("text", DataTypes.StringType)
                .add("simple", DataTypes.StringType)
                .add("at", DataTypes.TimestampType)
                .add("on_day", DataTypes.DateType)
                .add("amount", DataTypes.createDecimalType(12, 3))
                .add("bytes", DataTypes.BinaryType);
        String id = "6d1f9a52-54a3-4c53-9d52-1b1df5c5a2f1";
        Map<String, String> options = Map.of("table", "types");
        // When
        write(row, options, """
            {"id":"%s","flag":true,"tiny":-3,"small":-300,"whole":-70000,"big":-5000000000,"single":1.5,\
            "twice":-2.25,"text":"نگین","simple":"a","at":"1955-10-19T09:20:17.142Z","on_day":"1969-07-20",\
            "amount":-12.345,"bytes":"AAH/"}\
            """.formatted(id));
        write(row, options, "{\"id\":\"%s\",\"whole\":5}".formatted(id));
        // Then
        Row stored = one("SELECT * FROM sink.types");
        assertThat(stored.getUuid("id")).isEqualTo(UUID.fromString(id));
        assertThat(stored.getBoolean("flag")).isTrue();
        assertThat(stored.getByte("tiny")).isEqualTo((byte) -3);
        assertThat(stored.getShort("small")).isEqualTo((short) -300);
        assertThat(stored.getInt("whole")).isEqualTo(5);
        assertThat(stored.getLong("big")).isEqualTo(-5_000_000_000L);
        assertThat(stored.getFloat("single")).isEqualTo(1.5f);
        assertThat(stored.getDouble("twice")).isEqualTo(-2.25);
        assertThat(stored.getString("text")).isEqualTo("نگین");
        assertThat(stored.getString("simple")).isEqualTo("a");
        assertThat(stored.getInstant("at")).isEqualTo(Instant.parse("1955-10-19T09:20:17.142Z"));
        assertThat(stored.getLocalDate("on_day")).isEqualTo(LocalDate.of(1969, 7, 20));
        assertThat(stored.getBigDecimal("amount")).isEqualTo(new BigDecimal("-12.345"));
        assertThat(stored.getByteBuffer("bytes").remaining()).isEqualTo(3);
    }

    @Test
    void theFullerCountWinsWhoeverWritesLast() throws Exception {
        // Given
        StructType row = new StructType()
                .add("day", DataTypes.DateType)
                .add("n", DataTypes.IntegerType)
                .add("stamp", DataTypes.LongType);
        Map<String, String> options = Map.of("table", "totals", "timestampColumn", "stamp");
        write(row, options, "{\"day\":\"2026-01-01\",\"n\":10,\"stamp\":1000010}");
        // When
        write(row, options, "{\"day\":\"2026-01-01\",\"n\":7,\"stamp\":1000007}");
        // Then
        assertThat(one("SELECT n FROM sink.totals WHERE day = '2026-01-01'").getInt("n"))
                .isEqualTo(10);
    }

    @Test
    void rowsGoToTheTableThatTheyNameAndSharePartitionsInBatches() throws Exception {
        // Given
        StructType row = new StructType()
                .add("target", DataTypes.StringType)
                .add("day", DataTypes.DateType)
                .add("word", DataTypes.StringType)
                .add("n", DataTypes.IntegerType);
        StringBuilder lines = new StringBuilder();
        for (int day = 1; day <= 3; day++) {
            for (int word = 0; word < 10; word++) {
                lines.append("{\"target\":\"counts\",\"day\":\"2027-01-0%d\",\"word\":\"w%d\",\"n\":1}\n"
                        .formatted(day, word));
            }
            lines.append("{\"target\":\"totals\",\"day\":\"2027-01-0%d\",\"n\":10}\n".formatted(day));
        }
        // When
        write(
                row,
                Map.of("tableColumn", "target", "tables", "counts, totals", "batchRows", "4", "inFlight", "2"),
                lines.toString());
        // Then
        for (int day = 1; day <= 3; day++) {
            String where = " WHERE day = '2027-01-0" + day + "'";
            assertThat(one("SELECT COUNT(*) AS n FROM sink.counts" + where).getLong("n"))
                    .isEqualTo(10);
            assertThat(one("SELECT n FROM sink.totals" + where).getInt("n")).isEqualTo(10);
        }
    }

    @Test
    void columnsThatDoNotFitAreAllNamedBeforeAnythingIsWritten() {
        StructType row = new StructType()
                .add("word", DataTypes.StringType)
                .add("n", DataTypes.StringType)
                .add("colour", DataTypes.StringType);
        assertThatThrownBy(() -> write(row, Map.of("table", "counts", "timestampColumn", "stamp"), "{\"word\":\"a\"}"))
                .isInstanceOf(StreamingQueryException.class)
                .hasMessageContaining("key column day of table counts is not in the row")
                .hasMessageContaining("column n is string in the row and INT in table counts")
                .hasMessageContaining("column colour of the row is in none of counts [day, n, word]")
                .hasMessageContaining("timestampColumn stamp is not a bigint column of the row");
    }

    @Test
    void aCounterIsRefused() {
        StructType row = new StructType().add("word", DataTypes.StringType).add("n", DataTypes.LongType);
        assertThatThrownBy(() -> write(row, Map.of("table", "hits"), "{\"word\":\"a\",\"n\":1}"))
                .isInstanceOf(StreamingQueryException.class)
                .hasMessageContaining("a counter is not idempotent");
    }

    @Test
    void aMissingTableAndANullKeyAreNamed() {
        StructType row = new StructType().add("day", DataTypes.DateType).add("n", DataTypes.IntegerType);
        assertThatThrownBy(() -> write(row, Map.of("table", "nowhere"), "{\"n\":1}"))
                .hasMessageContaining("there is no table sink.nowhere");
        assertThatThrownBy(() -> write(row, Map.of("table", "totals"), "{\"n\":1}"))
                .hasStackTraceContaining("null in key column day of table totals");
    }

    @Test
    void aTablesTimeToLiveHoldsForRowsWithAWriteTimeOfTheirOwn() throws Exception {
        StructType row = new StructType()
                .add("word", DataTypes.StringType)
                .add("n", DataTypes.IntegerType)
                .add("stamp", DataTypes.LongType);
        write(
                row,
                Map.of("table", "fading", "timestampColumn", "stamp"),
                "{\"word\":\"a\",\"n\":1,\"stamp\":30000000000000001}");
        assertThat(one("SELECT TTL(n) AS left FROM sink.fading").getInt("left")).isBetween(3_000, 3_600);
    }

    @Test
    void aBoundedSetOfRowsIsWrittenTheSameWayAndSparkIsToldHow() {
        // Given
        Dataset<org.apache.spark.sql.Row> rows = spark.range(500)
                .selectExpr("date'2028-01-01' AS day", "concat('w', id) AS word", "cast(id AS int) AS n");
        // When
        rows.write()
                .format("cassandra-reactive")
                .options(options(Map.of("table", "counts", "inFlight", "7")))
                .mode(SaveMode.Append)
                .save();
        // Then
        assertThat(one("SELECT COUNT(*) AS n FROM sink.counts WHERE day = '2028-01-01'")
                        .getLong("n"))
                .isEqualTo(500);
        Map<String, String> metrics = metricsOfTheLastWrite();
        assertThat(metrics.get("statements sent to Cassandra")).isEqualTo("500");
        assertThat(metrics.get("times a statement was sent again")).isEqualTo("0");
        assertThat(metrics.get("most statements of a task without an answer")).isEqualTo("7");
        assertThat(Long.parseLong(metrics.get("mean microseconds until a statement was answered")))
                .isPositive();
    }

    @Test
    void rowsOfManyPartitionsOnTheSameNodesShareBatches() {
        // Given
        Dataset<org.apache.spark.sql.Row> rows =
                spark.range(0, 500, 1, 1).selectExpr("concat('shared', id) AS word", "cast(id AS int) AS n");
        // When
        rows.write()
                .format("cassandra-reactive")
                .options(options(Map.of("table", "plain", "batchBy", "nodes", "batchRows", "8")))
                .mode(SaveMode.Append)
                .save();
        // Then
        assertThat(metricsOfTheLastWrite().get("statements sent to Cassandra")).isEqualTo("63");
        assertThat(stack.cassandra().execute("SELECT word, n FROM sink.plain").all().stream()
                        .filter(row -> Objects.equals(row.getString("word"), "shared" + row.getInt("n"))))
                .hasSize(500);
    }

    @Test
    void partitionsThatTakeTurnsAreNotHeldForEver() {
        // Given
        Dataset<org.apache.spark.sql.Row> rows =
                spark.range(0, 400, 1, 1).selectExpr("concat('turn', id % 200) AS word", "cast(id AS int) AS n");
        // When
        rows.write()
                .format("cassandra-reactive")
                .options(options(Map.of("table", "plain", "batchRows", "2")))
                .mode(SaveMode.Append)
                .save();
        // Then
        assertThat(metricsOfTheLastWrite().get("statements sent to Cassandra"))
                .as("more partitions than may be open: none meets its second row")
                .isEqualTo("400");
    }

    @Test
    void anEpochThatIsTriedAgainChangesNothing() throws Exception {
        // Given
        StructType row = new StructType()
                .add("day", DataTypes.DateType)
                .add("n", DataTypes.IntegerType)
                .add("stamp", DataTypes.LongType);
        Map<String, String> options = Map.of("table", "totals", "timestampColumn", "stamp");
        Path input = input("{\"day\":\"2029-01-01\",\"n\":5,\"stamp\":1000005}");
        Path checkpoint = folder.resolve("again");
        query(row, options, input, checkpoint);
        cql("UPDATE sink.totals USING TIMESTAMP 1000009 SET n = 9 WHERE day = '2029-01-01'"); // somebody knows more
        Files.delete(checkpoint.resolve("commits/0"));
        Files.deleteIfExists(checkpoint.resolve("commits/.0.crc"));
        // When
        query(row, options, input, checkpoint);
        // Then
        assertThat(checkpoint.resolve("commits/0")).exists();
        assertThat(one("SELECT n FROM sink.totals WHERE day = '2029-01-01'").getInt("n"))
                .isEqualTo(9);
    }

    @Test
    void aNodeThatStandsStillIsWaitedForAsLongAsWasAskedAndNoLonger() throws Exception {
        // Given
        StructType row = new StructType().add("word", DataTypes.StringType).add("n", DataTypes.IntegerType);
        Map<String, String> patient =
                Map.of("table", "plain", "requestTimeout", "2s", "retryFor", "2m", "inFlight", "3");
        Map<String, String> impatient = Map.of("table", "plain", "requestTimeout", "1s", "retryFor", "2s");
        write(row, patient, "{\"word\":\"warm\",\"n\":1}"); // connected and prepared
        write(row, impatient, "{\"word\":\"warm\",\"n\":1}");
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            lines.append("{\"word\":\"w%d\",\"n\":%d}\n".formatted(i, i));
        }
        // When
        signal("STOP");
        Throwable gaveUp;
        CompletableFuture<Throwable> waiting;
        try {
            gaveUp = failureOf(row, impatient, "{\"word\":\"never\",\"n\":1}"); // one core: one query at a time
            waiting = CompletableFuture.supplyAsync(() -> failureOf(row, patient, lines.toString()));
            await("longer than a statement may take")
                    .during(Duration.ofSeconds(3))
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> !waiting.isDone());
        } finally {
            signal("CONT");
        }
        // Then
        assertThat(gaveUp).isInstanceOf(StreamingQueryException.class).hasStackTraceContaining("Cassandra did not");
        assertThat(waiting.get(2, TimeUnit.MINUTES)).isNull();
        assertThat(one("SELECT COUNT(*) AS n FROM sink.plain WHERE n >= 0 ALLOW FILTERING")
                        .getLong("n"))
                .isGreaterThanOrEqualTo(51);
    }

    @Test
    @Tag("chaos")
    void aNodeThatDiesInTheMiddleOfAWriteIsWaitedFor() throws Exception {
        // Given
        Dataset<org.apache.spark.sql.Row> rows = spark.range(60_000)
                .selectExpr("date'2030-01-01' AS day", "concat('w', id) AS word", "cast(id AS int) AS n");
        // When
        CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> rows.write()
                .format("cassandra-reactive")
                .options(options(Map.of("table", "counts")))
                .mode(SaveMode.Append)
                .save());
        await().until(() -> !stack.cassandra()
                .execute("SELECT n FROM sink.counts WHERE day = '2030-01-01' LIMIT 1")
                .all()
                .isEmpty());
        stack.parts().kill(Part.CASSANDRA);
        stack.parts().awaitReady(Part.CASSANDRA);
        writing.get(3, TimeUnit.MINUTES);
        // Then
        assertThat(one("SELECT COUNT(*) AS n FROM sink.counts WHERE day = '2030-01-01'")
                        .getLong("n"))
                .isEqualTo(60_000);
        assertThat(Long.parseLong(metricsOfTheLastWrite().get("times a statement was sent again")))
                .isPositive();
    }

    /** One query over these lines, to its end. */
    private void write(StructType row, Map<String, String> options, String lines) throws Exception {
        query(row, options, input(lines), folder.resolve("checkpoint" + batches.incrementAndGet()));
    }

    private @Nullable Throwable failureOf(StructType row, Map<String, String> options, String lines) {
        try {
            write(row, options, lines);
            return null;
        } catch (Exception e) {
            return e;
        }
    }

    private Path input(String lines) throws IOException {
        Path input = Files.createDirectories(folder.resolve("in" + batches.incrementAndGet()));
        Files.writeString(input.resolve("lines.json"), lines);
        return input;
    }

    private static void query(StructType row, Map<String, String> options, Path input, Path checkpoint)
            throws Exception {
        spark.readStream()
                .schema(row)
                .json(input.toString())
                .writeStream()
                .format("cassandra-reactive")
                .options(options(options))
                .option("checkpointLocation", checkpoint.toString())
                .trigger(Trigger.AvailableNow())
                .start()
                .awaitTermination();
    }

    private static Map<String, String> options(Map<String, String> options) {
        Map<String, String> all = new HashMap<>(options);
        all.put("contactPoints", stack.contact());
        all.put("datacenter", stack.parts().addresses().datacenter());
        all.put("keyspace", "sink");
        return all;
    }

    /** By description, as Spark's own interface shows them. */
    private static Map<String, String> metricsOfTheLastWrite() {
        var store = spark.sharedState().statusStore();
        Map<String, String> metrics = new HashMap<>();
        await().until(() -> {
            var executions = store.executionsList();
            var last = executions.apply(executions.size() - 1);
            var values = store.executionMetrics(last.executionId());
            CollectionConverters.asJava(last.metrics())
                    .forEach(metric ->
                            values.get(metric.accumulatorId()).foreach(value -> metrics.put(metric.name(), value)));
            return metrics.containsKey("statements sent to Cassandra");
        });
        return metrics;
    }

    private static void signal(String name) throws Exception {
        String pid = Long.toString(stack.parts().pid(Part.CASSANDRA));
        assertThat(new ProcessBuilder("kill", "-" + name, pid).start().waitFor())
                .isZero();
    }

    private static Row one(String query) {
        List<Row> rows = stack.cassandra().execute(query).all();
        assertThat(rows).hasSize(1);
        return rows.get(0);
    }

    private static void cql(String statement) {
        stack.cassandra().execute(statement);
    }
}
