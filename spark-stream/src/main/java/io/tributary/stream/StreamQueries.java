package io.tributary.stream;

import com.datastax.oss.driver.api.core.CqlSession;
import io.tributary.schemas.UserEvent;
import io.tributary.stream.cassandra.CassandraReactiveSink;
import io.tributary.stream.cassandra.CassandraSessions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
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
    private static final int COUNTER_RECORDS = 200_000;

    private static final int USERS_RECORDS = 20_000;

    private final SparkSession spark;
    private final StreamSettings settings;
    private final int generation;

    StreamQueries(SparkSession spark, StreamSettings settings, int generation) {
        this.spark = spark;
        this.settings = settings;
        this.generation = generation;
    }

    /** The session that the sinks of both queries use. */
    static CqlSession session(StreamSettings settings) throws IOException {
        Map<String, String> options = new HashMap<>(sinkOptions(settings));
        options.put("table", UserRows.TABLE);
        return CassandraSessions.shared(options);
    }

    private static Map<String, String> sinkOptions(StreamSettings settings) {
        return Map.of(
                "contactPoints",
                settings.cassandra(),
                "datacenter",
                settings.datacenter(),
                "keyspace",
                "tributary",
                "timestampColumn",
                PageRows.WRITE_TIME);
    }

    DataStreamWriter<Row> counter() {
        URI registry = settings.registry();
        PageRows rows = new PageRows(settings.window(), generation);
        Dataset<byte[]> parts = records(COUNTER_RECORDS)
                .select("value")
                .as(Encoders.BINARY())
                .mapPartitions(
                        (MapPartitionsFunction<byte[], byte[]>) values -> pack(registry, values), Encoders.BINARY());
        Dataset<Row> changes = parts.groupByKey((MapFunction<byte[], byte[]>) PagePart::keyOf, Encoders.BINARY())
                .transformWithState(
                        new PageCounting(rows, settings.stateTtl()),
                        TimeMode.ProcessingTime(),
                        OutputMode.Append(),
                        Encoders.row(PageRows.SHAPE));
        return toCassandra(COUNTER, changes)
                .option("tableColumn", PageRows.TABLE)
                .option("tables", String.join(",", PageRows.TABLES))
                .option("batchRows", 42); // as many groups as the source has: 21 nationalities, 2 genders
    }

    DataStreamWriter<Row> users() {
        Encoder<Row> shape = Encoders.row(UserRows.SHAPE);
        StreamSettings given = settings;
        int rank = generation;
        Dataset<Row> users = records(USERS_RECORDS)
                .select("topic", "partition", "offset", "value")
                .mapPartitions((MapPartitionsFunction<Row, Row>) records -> new Users(given, rank, records), shape);
        return toCassandra(USERS, users).option("table", UserRows.TABLE);
    }

    private Dataset<Row> records(int mostInOneBatch) {
        return spark.readStream()
                .format("kafka")
                .option("kafka.bootstrap.servers", settings.kafka())
                .option("subscribe", settings.topic())
                .option("startingOffsets", "earliest")
                .option("maxOffsetsPerTrigger", mostInOneBatch)
                // a trimmed topic must not stop what is still there; reconciliation names what is missing
                .option("failOnDataLoss", false)
                .load();
    }

    private DataStreamWriter<Row> toCassandra(String name, Dataset<Row> rows) {
        return rows.writeStream()
                .queryName(name)
                .format(CassandraReactiveSink.FORMAT)
                .options(sinkOptions(settings))
                .option("checkpointLocation", settings.checkpoints() + "/" + name)
                .outputMode(OutputMode.Append())
                .trigger(Trigger.ProcessingTime(settings.trigger().toMillis()));
    }

    private static Iterator<byte[]> pack(URI registry, Iterator<byte[]> values) {
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
        private final int generation;
        private @Nullable Row next;

        Users(StreamSettings settings, int generation, Iterator<Row> records) {
            this.records = records;
            this.events = new UserEvents(WriterSchemas.of(settings.registry()), InstantSource.system());
            this.deadLetters = DeadLetters.on(settings.kafka(), settings.deadLetterTopic());
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
                return null;
            }
        }
    }
}
