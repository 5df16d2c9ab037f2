package io.tributary.stream.cassandra;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.catalog.SupportsWrite;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.catalog.TableProvider;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.metric.CustomMetric;
import org.apache.spark.sql.connector.write.BatchWrite;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.DataWriterFactory;
import org.apache.spark.sql.connector.write.LogicalWriteInfo;
import org.apache.spark.sql.connector.write.PhysicalWriteInfo;
import org.apache.spark.sql.connector.write.Write;
import org.apache.spark.sql.connector.write.WriteBuilder;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.connector.write.streaming.StreamingDataWriterFactory;
import org.apache.spark.sql.connector.write.streaming.StreamingWrite;
import org.apache.spark.sql.internal.connector.SupportsStreamingUpdateAsAppend;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * Spark's way in: {@code writeStream().format("cassandra-reactive")}, and {@code write()} for a bounded set of rows, append or update mode. At least once, and exact in effect where
 * the rows are absolute and carry their timestamp: a batch tried again writes the same cells with the same timestamps.
 *
 * <p>Options and tables are checked on the driver when the query starts.
 */
public final class CassandraReactiveSink implements TableProvider, DataSourceRegister {
    /** The name of the format. */
    public static final String FORMAT = "cassandra-reactive";

    @Override
    public String shortName() {
        return FORMAT;
    }

    @Override
    public StructType inferSchema(CaseInsensitiveStringMap options) {
        return new StructType(); // whatever the rows are, the tables decide
    }

    @Override
    public Table getTable(StructType schema, Transform[] partitioning, Map<String, String> properties) {
        SinkOptions options = SinkOptions.of(properties);
        return new Target(options.keyspace() + "." + String.join(",", options.tables()));
    }

    private record Target(String name) implements SupportsWrite {
        @Override
        @SuppressWarnings("deprecation") // the interface still asks for it
        public StructType schema() {
            return new StructType();
        }

        @Override
        public Set<TableCapability> capabilities() {
            return EnumSet.of(
                    TableCapability.STREAMING_WRITE, TableCapability.BATCH_WRITE, TableCapability.ACCEPT_ANY_SCHEMA);
        }

        @Override
        public WriteBuilder newWriteBuilder(LogicalWriteInfo info) {
            SinkOptions options = SinkOptions.of(info.options());
            StructType rows = info.schema();
            return new RowsBuilder(options, rows);
        }
    }

    /** Update mode, the only one that real-time mode takes, is the same here: a row is an upsert in either. */
    private record RowsBuilder(SinkOptions options, StructType rows)
            implements WriteBuilder, SupportsStreamingUpdateAsAppend {
        @Override
        public Write build() {
            return new CheckedWrite(options, rows);
        }
    }

    private record CheckedWrite(SinkOptions options, StructType rows) implements Write {
        @Override
        public String description() {
            return FORMAT + " " + options.keyspace() + "." + String.join(",", options.tables());
        }

        @Override
        public CustomMetric[] supportedCustomMetrics() {
            return SinkMetric.all();
        }

        @Override
        public StreamingWrite toStreaming() {
            return new EpochWrite(checkedWriters());
        }

        @Override
        public BatchWrite toBatch() {
            return new WholeWrite(checkedWriters());
        }

        private TaskWriters checkedWriters() {
            try {
                TargetTable.all(CassandraSessions.shared(options), options, rows);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return new TaskWriters(options, rows);
        }
    }

    /** A bounded set of rows; what was written stays when the job fails, and a repeated job writes it again. */
    private record WholeWrite(TaskWriters writers) implements BatchWrite {
        @Override
        public DataWriterFactory createBatchWriterFactory(PhysicalWriteInfo info) {
            return writers;
        }

        @Override
        public boolean useCommitCoordinator() {
            return false; // two attempts of one task write the same
        }

        @Override
        public void commit(WriterCommitMessage[] messages) {}

        @Override
        public void abort(WriterCommitMessage[] messages) {}
    }

    /** Each task commits for itself; an epoch that is tried again writes the same rows again. */
    private record EpochWrite(TaskWriters writers) implements StreamingWrite {
        @Override
        public StreamingDataWriterFactory createStreamingWriterFactory(PhysicalWriteInfo info) {
            return writers;
        }

        @Override
        public boolean useCommitCoordinator() {
            return false; // two attempts of one task write the same
        }

        @Override
        public void commit(long epochId, WriterCommitMessage[] messages) {}

        @Override
        public void abort(long epochId, WriterCommitMessage[] messages) {}
    }

    private record TaskWriters(SinkOptions options, StructType rows)
            implements StreamingDataWriterFactory, DataWriterFactory {
        @Override
        public DataWriter<InternalRow> createWriter(int partitionId, long taskId) {
            return createWriter(partitionId, taskId, 0);
        }

        @Override
        public DataWriter<InternalRow> createWriter(int partitionId, long taskId, long epochId) {
            try {
                return new TaskWriter(CassandraSessions.shared(options), options, rows);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
