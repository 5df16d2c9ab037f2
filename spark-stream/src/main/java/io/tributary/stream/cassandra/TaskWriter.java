package io.tributary.stream.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.BatchStatement;
import com.datastax.oss.driver.api.core.cql.BatchType;
import com.datastax.oss.driver.api.core.cql.BoundStatement;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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
    private final int batchRows;
    private final InFlight inFlight;
    private final Map<TargetTable, OpenBatch> open = new HashMap<>();

    /** Rows of one partition that go together. */
    private record OpenBatch(List<ByteBuffer> partition, List<BoundStatement> rows) {}

    TaskWriter(CqlSession session, SinkOptions options, StructType schema) {
        this.tables = TargetTable.all(session, options, schema);
        this.only = tables.values().iterator().next();
        this.tableOrdinal = TargetTable.ordinal(schema, options.tableColumn());
        this.batchRows = options.batchRows();
        this.inFlight = new InFlight(session, options.inFlight(), options.retryFor());
    }

    @Override
    public void write(InternalRow row) throws IOException {
        TargetTable table = tableOf(row);
        BoundStatement bound = table.bind(row);
        if (batchRows == 1) {
            inFlight.send(bound);
            return;
        }
        List<ByteBuffer> partition = table.partitionOf(bound);
        OpenBatch batch = open.get(table);
        if (batch != null && (batch.rows.size() == batchRows || !batch.partition.equals(partition))) {
            send(batch);
            batch = null;
        }
        if (batch == null) {
            batch = new OpenBatch(partition, new ArrayList<>());
            open.put(table, batch);
        }
        batch.rows.add(bound);
    }

    @Override
    public WriterCommitMessage commit() throws IOException {
        for (OpenBatch batch : open.values()) {
            send(batch);
        }
        open.clear();
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

    private void send(OpenBatch batch) throws IOException {
        inFlight.send(
                batch.rows.size() == 1
                        ? batch.rows.get(0)
                        : BatchStatement.newInstance(BatchType.UNLOGGED).addAll(batch.rows));
    }
}
