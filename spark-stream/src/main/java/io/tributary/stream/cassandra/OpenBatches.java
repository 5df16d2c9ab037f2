package io.tributary.stream.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.BatchStatement;
import com.datastax.oss.driver.api.core.cql.BatchType;
import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.Statement;
import com.datastax.oss.driver.api.core.metadata.TokenMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Rows of one task that wait for others to share an unlogged batch with. A batch goes when it is full, when {@link
 * #MOST_OPEN} are open and another is begun (the oldest then), and at the end.
 */
final class OpenBatches {
    static final int MOST_OPEN = 32;

    /** Which rows may go together. */
    enum Sharing {
        /** Those of one partition: Cassandra takes them as one mutation. */
        PARTITION,
        /** Those whose replicas are the same nodes: one request, one coordinator that has them all. */
        NODES
    }

    /** Where full batches go. */
    @FunctionalInterface
    interface Way {
        void send(Statement<?> statement) throws IOException;
    }

    private record Group(TargetTable table, Object place) {}

    private final Sharing sharing;
    private final int rows;
    private final String keyspace;
    private final Optional<TokenMap> tokens;
    private final Way way;
    private final Map<Group, List<BoundStatement>> open = new LinkedHashMap<>();

    OpenBatches(CqlSession session, SinkOptions options, Way way) {
        this.sharing = options.batchBy();
        this.rows = options.batchRows();
        this.keyspace = options.keyspace();
        this.tokens = session.getMetadata().getTokenMap();
        this.way = way;
    }

    void add(TargetTable table, BoundStatement row) throws IOException {
        if (rows == 1) {
            way.send(row);
            return;
        }
        Group group = new Group(table, placeOf(row));
        List<BoundStatement> batch = open.computeIfAbsent(group, key -> new ArrayList<>());
        batch.add(row);
        if (batch.size() == rows) {
            open.remove(group);
            send(batch);
        } else if (open.size() > MOST_OPEN) {
            Iterator<List<BoundStatement>> oldest = open.values().iterator();
            List<BoundStatement> first = oldest.next();
            oldest.remove();
            send(first);
        }
    }

    void sendAll() throws IOException {
        for (List<BoundStatement> batch : open.values()) {
            send(batch);
        }
        open.clear();
    }

    int size() {
        return open.size();
    }

    private Object placeOf(BoundStatement row) {
        ByteBuffer partition = row.getRoutingKey();
        if (partition == null) { // a prepared INSERT has one
            throw new IllegalStateException("a row without a partition key");
        }
        return sharing == Sharing.PARTITION
                ? partition
                : tokens.map(known -> known.getReplicas(keyspace, partition)).orElse(Set.of());
    }

    private void send(List<BoundStatement> batch) throws IOException {
        way.send(
                batch.size() == 1
                        ? batch.get(0)
                        : BatchStatement.newInstance(BatchType.UNLOGGED).addAll(batch));
    }
}
