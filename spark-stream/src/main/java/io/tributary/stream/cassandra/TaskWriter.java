package io.tributary.stream.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import java.io.IOException;
import java.util.Map;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.apache.spark.sql.connector.write.DataWriter;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.types.StructType;

/**
 * The rows of one task. A row is on its way when {@link #write} returns and in Cassandra when {@link #commit} returns;
 * there is nothing to take back on abort, because a repeated write changes nothing.
 */
final class TaskWriter implements DataWriter<InternalRow> {
    private record Done() implements WriterCommitMessage {}

    private final Map<String, TargetTable> tables;
    private final TargetTable only;
    private final int tableOrdinal;
    private final InFlight inFlight;
    private final OpenBatches open;

    TaskWriter(CqlSession session, SinkOptions options, StructType schema) {
        this.tables = TargetTable.all(session, options, schema);
        this.only = tables.values().iterator().next();
        this.tableOrdinal = TargetTable.ordinal(schema, options.tableColumn());
        this.inFlight = new InFlight(session, options.inFlight(), options.retryFor());
        this.open = new OpenBatches(session, options, inFlight::send);
    }

    @Override
    public void write(InternalRow row) throws IOException {
        TargetTable table = tableOf(row);
        open.add(table, table.bind(row));
    }

    @Override
    public WriterCommitMessage commit() throws IOException {
        open.sendAll();
        inFlight.drain();
        return new Done();
    }

    @Override
    public CustomTaskMetric[] currentMetricsValues() {
        return inFlight.metrics(open.size());
    }

    @Override
    public void abort() {
        inFlight.abandon();
    }

    @Override
    public void close() {
        inFlight.abandon();
    }

    private TargetTable tableOf(InternalRow row) {
        if (tableOrdinal < 0) {
            return only;
        }
        if (row.isNullAt(tableOrdinal)) {
            throw new IllegalArgumentException("null in the table column, expected one of " + tables.keySet());
        }
        String name = row.getUTF8String(tableOrdinal).toString();
        TargetTable table = tables.get(name);
        if (table == null) {
            throw new IllegalArgumentException("table column names " + name + ", expected one of " + tables.keySet());
        }
        return table;
    }
}
