package io.tributary.stream;

import com.datastax.oss.driver.api.core.CqlSession;
import io.tributary.schemas.RegistryAddress;
import io.tributary.schemas.UserEvent;
import io.tributary.stream.cassandra.CassandraReactiveSink;
import io.tributary.stream.cassandra.CassandraSessions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.DataStreamWriter;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.TimeMode;
import org.apache.spark.sql.streaming.Trigger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two queries: {@code counter}, whose state is a page, and {@code users}, which has none. Each reads the topic for
 * itself, so that counts do not wait for the much heavier writes of users; only the second sends dead letters.
 */
final class StreamQueries {
    private static final Logger LOG = LoggerFactory.getLogger(StreamQueries.class);

    static final String COUNTER = "counter";
    static final String USERS = "users";

    /** Records of one micro-batch: bounds its memory, its time, and what a restart repeats. */
    private static final Map<String, String> AT_MOST_COUNTED = Map.of("maxOffsetsPerTrigger", "200000");

    private static final Map<String, String> AT_MOST_USERS = Map.of("maxOffsetsPerTrigger", "20000");

    /** How the sink writes {@link PageRows}; a batch holds the groups of a page: 21 nationalities, 2 genders. */
    static final Map<String, String> COUNTER_TABLES =
            Map.of("tableColumn", PageRows.TABLE, "tables", String.join(",", PageRows.TABLES), "batchRows", "42");

    /**
     * How micro-batches write users: a row of 34 columns costs Cassandra and the driver less in company. Eight of them stay below
     * the 5 KiB, and the ten partitions, from which on Cassandra warns; 32 statements of a task are 256 rows in flight. In real-time
     * mode none may wait for another.
     */
    private static final Map<String, String> TOGETHER = Map.of("batchBy", "nodes", "batchRows", "8");

    private final SparkSession spark;
    private final StreamSettings settings;
    private final int generation;
    private final DeadLetterCounts deadLetterCounts;

    StreamQueries(SparkSession spark, StreamSettings settings, int generation, DeadLetterCounts deadLetterCounts) {
        this.spark = spark;
        this.settings = settings;
        this.generation = generation;
        this.deadLetterCounts = deadLetterCounts;
    }

    /** The session that the sinks of both queries use. */
    static CqlSession session(StreamSettings settings) throws IOException {
        Map<String, String> options = new HashMap<>(sinkOptions(settings));
        options.put("table", UserRows.TABLE);
        return CassandraSessions.shared(options);
    }

    static Map<String, String> sinkOptions(StreamSettings settings) {
        Map<String, String> options = new HashMap<>(settings.cassandraLogin());
        options.put("contactPoints", settings.cassandra());
        options.put("datacenter", settings.datacenter());
        options.put("keyspace", "tributary");
        options.put("timestampColumn", PageRows.WRITE_TIME);
        return options;
    }

    /** In micro-batches. */
    DataStreamWriter<Row> counter() {
        PageRows rows = new PageRows(settings.window(), generation);
        Dataset<byte[]> parts = parts(records(AT_MOST_COUNTED));
        Dataset<Row> changes = parts.groupByKey((MapFunction<byte[], byte[]>) PagePart::keyOf, Encoders.BINARY())
                .transformWithState(
                        new PageCounting(rows, settings.stateTtl()),
                        TimeMode.ProcessingTime(),
                        OutputMode.Append(),
                        Encoders.row(PageRows.SHAPE));
        return toCassandra(COUNTER, changes).options(COUNTER_TABLES).trigger(microBatches());
    }

    /** The users of records, packed by page. */
    Dataset<byte[]> parts(Dataset<Row> records) {
        RegistryAddress registry = settings.registry();
        return records.select("value")
                .as(Encoders.BINARY())
                .mapPartitions(
                        (MapPartitionsFunction<byte[], byte[]>) values -> pack(registry, values), Encoders.BINARY());
    }

    /** In micro-batches. */
    DataStreamWriter<Row> users() {
        return users(AT_MOST_USERS).options(TOGETHER).trigger(microBatches());
    }

    /** In micro-batches until it has all that is on the topic when it begins, then it ends. */
    DataStreamWriter<Row> usersUntilNow() {
        return users(AT_MOST_USERS).options(TOGETHER).trigger(Trigger.AvailableNow());
    }

    /**
     * Record by record, in Spark's real-time mode. It takes no bound on a batch, which lasts as long as {@code STREAM_REAL_TIME}
     * says; statements in flight are bounded all the same. A record that is no more on the topic fails it: {@link
     * #usersUntilNow} goes first, and passes what was trimmed.
     */
    DataStreamWriter<Row> usersInRealTime() {
        return users(Map.of())
                .outputMode(OutputMode.Update()) // the only one there is; without state it means the same
                .trigger(Trigger.RealTime(settings.realTime().toMillis()));
    }

    private DataStreamWriter<Row> users(Map<String, String> bounds) {
        return toCassandra(USERS, userRows(records(bounds))).option("table", UserRows.TABLE);
    }

    private Trigger microBatches() {
        return Trigger.ProcessingTime(settings.trigger().toMillis());
    }

    /** The users of records as rows; what is none goes to the dead letters. */
    Dataset<Row> userRows(Dataset<Row> records) {
        Encoder<Row> shape = Encoders.row(UserRows.SHAPE);
        StreamSettings given = settings;
        int rank = generation;
        DeadLetterCounts counts = deadLetterCounts;
        return records.select("topic", "partition", "offset", "value")
                .mapPartitions((MapPartitionsFunction<Row, Row>) each -> new Users(given, rank, counts, each), shape);
    }

    private Dataset<Row> records(Map<String, String> bounds) {
        return spark.readStream()
                .format("kafka")
                .options(kafka())
                .option("subscribe", settings.topic())
                .option("startingOffsets", "earliest")
                .options(bounds)
                // a trimmed topic must not stop what is still there; reconciliation names what is missing
                .option("failOnDataLoss", false)
                .load();
    }

    /** All records of a topic as they are now, for a bounded job. */
    Dataset<Row> all(String topic) {
        return spark.read()
                .format("kafka")
                .options(kafka())
                .option("subscribe", topic)
                .option("startingOffsets", "earliest")
                .option("endingOffsets", "latest")
                .load();
    }

    /** How the records are reached, live or bounded; Spark hides the login in what it prints. */
    private Map<String, String> kafka() {
        Map<String, String> options = new HashMap<>();
        settings.kafka().client(Map.of()).forEach((key, value) -> options.put("kafka." + key, value.toString()));
        // after each fetch Spark asks where the topic ends, on the same connection: behind the fetch that the consumer
        // has begun
        // meanwhile, which the broker holds for this long when nothing new comes
        options.put("kafka.fetch.max.wait.ms", "10");
        return options;
    }

    private DataStreamWriter<Row> toCassandra(String name, Dataset<Row> rows) {
        return rows.writeStream()
                .queryName(name)
                .format(CassandraReactiveSink.FORMAT)
                .options(sinkOptions(settings))
                .option("checkpointLocation", settings.checkpoints() + "/" + name)
                .outputMode(OutputMode.Append());
    }

    private static Iterator<byte[]> pack(RegistryAddress registry, Iterator<byte[]> values) {
        UserEvents events = new UserEvents(WriterSchemas.of(registry), InstantSource.system());
        PagePart.Packer packer = new PagePart.Packer();
        int leftOut = 0;
        while (values.hasNext()) {
            try {
                packer.add(events.read(values.next()));
            } catch (UserEvents.Refused e) {
                leftOut++; // the other query sends it to the dead letters
            }
        }
        LOG.debug("query={} left_out={}", COUNTER, leftOut);
        return packer.parts();
    }

    /** Records to rows, one at a time; ends only when all dead letters on the way are on their topic. */
    private static final class Users implements Iterator<Row> {
        private final Iterator<Row> records;
        private final UserEvents events;
        private final DeadLetters deadLetters;
        private final DeadLetterCounts counts;
        private final int generation;
        private @Nullable Row next;

        Users(StreamSettings settings, int generation, DeadLetterCounts counts, Iterator<Row> records) {
            this.records = records;
            this.events = new UserEvents(WriterSchemas.of(settings.registry()), InstantSource.system());
            this.deadLetters = DeadLetters.on(settings.kafka(), settings.deadLetterTopic());
            this.counts = counts;
            this.generation = generation;
        }

        @Override
        public boolean hasNext() {
            try {
                while (next == null && records.hasNext()) {
                    next = rowOf(records.next());
                }
                if (next == null) {
                    deadLetters.flush();
                }
                return next != null;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public Row next() {
            Row row = hasNext() ? next : null;
            if (row == null) {
                throw new NoSuchElementException();
            }
            next = null;
            return row;
        }

        private @Nullable Row rowOf(Row record) throws IOException {
            byte @Nullable [] value = record.isNullAt(3) ? null : record.<byte[]>getAs(3);
            try {
                UserEvent event = events.read(value);
                return UserRows.of(event, generation);
            } catch (UserEvents.Refused e) {
                deadLetters.send(record.getString(0), record.getInt(1), record.getLong(2), e, value);
                counts.count(e.reason());
                return null;
            }
        }
    }
}
