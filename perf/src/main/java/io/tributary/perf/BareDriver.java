package io.tributary.perf;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.BoundStatementBuilder;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.metadata.schema.TableMetadata;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Cassandra's ceiling: rows of {@code users_by_id} as they lie there, written again by the driver alone into a table of the same
 * shape, each under a user of its own. Nothing is decoded or encoded, so nobody writes these rows with less.
 */
final class BareDriver {
    private static final int ROWS = 20_000;
    private static final int IN_FLIGHT = 256;

    private final CqlSession session;
    private final PreparedStatement insert;
    private final List<List<@Nullable ByteBuffer>> rows = new ArrayList<>();
    private final int userAt;
    private long next;

    /** Reads the rows; there must be some. */
    BareDriver(CqlSession session) {
        this.session = session;
        TableMetadata users = session.getMetadata()
                .getKeyspace("tributary")
                .flatMap(keyspace -> keyspace.getTable("users_by_id"))
                .orElseThrow();
        session.execute("CREATE KEYSPACE IF NOT EXISTS bare WITH replication ="
                + " {'class': 'SimpleStrategy', 'replication_factor': 1}");
        session.execute(users.describe(false)
                .replaceFirst("CREATE TABLE \"?tributary\"?\\.", "CREATE TABLE IF NOT EXISTS bare."));
        List<String> columns = users.getColumns().keySet().stream()
                .map(column -> column.asCql(true))
                .toList();
        String marks = columns.stream().map(column -> "?").collect(Collectors.joining(","));
        insert = session.prepare("INSERT INTO bare.users_by_id (" + String.join(",", columns) + ") VALUES (" + marks
                + ") USING TIMESTAMP ?");
        for (Row row :
                session.execute("SELECT " + String.join(",", columns) + " FROM tributary.users_by_id LIMIT " + ROWS)) {
            List<@Nullable ByteBuffer> values = new ArrayList<>();
            for (int i = 0; i < columns.size(); i++) {
                values.add(columns.get(i).equals("user_id") ? null : row.getBytesUnsafe(i));
            }
            rows.add(values);
        }
        userAt = columns.indexOf("user_id");
    }

    /** Rows a second, with 256 in flight. */
    double writesPerSecond(Duration during) throws InterruptedException {
        Semaphore free = new Semaphore(IN_FLIGHT);
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        long began = System.nanoTime();
        long end = began + during.toNanos();
        long written = 0;
        while (System.nanoTime() < end) {
            free.acquire();
            var unused = session.executeAsync(statement().build()).whenComplete((done, error) -> {
                free.release();
                if (error != null) {
                    failure.set(error);
                }
            });
            written++;
        }
        free.acquire(IN_FLIGHT);
        Throwable cause = failure.get();
        if (cause != null) {
            throw new IllegalStateException("Cassandra did not take a row", cause);
        }
        return written / ((System.nanoTime() - began) / 1e9);
    }

    private BoundStatementBuilder statement() {
        List<@Nullable ByteBuffer> values = rows.get((int) (next % rows.size()));
        BoundStatementBuilder statement = insert.boundStatementBuilder();
        for (int i = 0; i < values.size(); i++) {
            ByteBuffer value = values.get(i);
            if (value != null) {
                statement = statement.setBytesUnsafe(i, value.duplicate());
            }
        }
        return statement.setUuid(userAt, new UUID(next++, System.nanoTime())).setLong(values.size(), next);
    }
}
