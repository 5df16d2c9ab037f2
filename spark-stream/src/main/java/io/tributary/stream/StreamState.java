package io.tributary.stream;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import io.tributary.stream.cassandra.Patience;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the numbers in Cassandra mean, kept there beside them in the row {@code stream}: the generation that the stream
 * writes, the newest that was handed out to a rebuild, and the width of the windows. Written by lightweight transactions only.
 */
final class StreamState {
    private static final String READ =
            "SELECT generation, newest, window_ms FROM tributary.stream_state WHERE name = 'stream'";
    private static final String BEGIN = "INSERT INTO tributary.stream_state (name, generation, newest, window_ms)"
            + " VALUES ('stream', 1, 1, ?) IF NOT EXISTS";
    private static final String NAME_WINDOW =
            "UPDATE tributary.stream_state SET window_ms = ? WHERE name = 'stream' IF window_ms = null";
    private static final String NEXT =
            "UPDATE tributary.stream_state SET newest = ? WHERE name = 'stream' IF newest = ?";
    private static final int RIVALS = 100;

    /** Cassandra gives up a statement after 2 s; asked again, {@link #next} may skip a generation and nothing else. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final CqlSession session;

    StreamState(CqlSession session) {
        this.session = session;
    }

    /**
     * The generation that the stream writes; 1 where there was none. Throws what the driver throws, as long as Cassandra or
     * the table is not there.
     *
     * @throws StartRefused where windows of another width stand
     */
    int claim(Duration window) throws StartRefused {
        session.execute(SimpleStatement.newInstance(BEGIN, window.toMillis()));
        Row row = session.execute(READ).one();
        if (row == null) {
            throw new IllegalStateException("the row 'stream' of stream_state was deleted a moment ago");
        }
        if (row.isNull("window_ms")) { // written before windows had a width of their own
            session.execute(SimpleStatement.newInstance(NAME_WINDOW, window.toMillis()));
        } else if (row.getLong("window_ms") != window.toMillis()) {
            throw new StartRefused("Cassandra holds windows of " + Duration.ofMillis(row.getLong("window_ms"))
                    + " and STREAM_WINDOW is " + window
                    + "; both in one table would count users twice. Longer windows are derived when they are"
                    + " read (etl windows --size); for another width truncate window_users, windows_by_day,"
                    + " page_sums and stream_state, give STREAM_CHECKPOINT_DIR a new folder and count again");
        }
        return checked(row.getInt("generation"));
    }

    /** A generation that nobody has had, above all others; at most 900 are ever handed out. */
    int next() {
        for (int rival = 0; rival < RIVALS; rival++) {
            Row row = asked(SimpleStatement.newInstance(READ));
            if (row == null) {
                throw new IllegalStateException("nothing was ever counted: stream_state has no row 'stream'");
            }
            @Nullable Integer newest = row.isNull("newest") ? null : row.getInt("newest");
            int next = checked(Math.max(row.getInt("generation"), newest == null ? 0 : newest) + 1);
            Row answer = asked(SimpleStatement.newInstance(NEXT, next, newest));
            if (answer != null && answer.getBoolean("[applied]")) {
                return next;
            }
        }
        throw new IllegalStateException(RIVALS + " rivals for the next generation");
    }

    /** The newest generation that anything was counted in. */
    int newest() {
        Row row = asked(SimpleStatement.newInstance(READ));
        if (row == null) {
            throw new IllegalStateException("nothing was ever counted: stream_state has no row 'stream'");
        }
        return checked(Math.max(row.getInt("generation"), row.getInt("newest"))); // a null is 0
    }

    private @Nullable Row asked(SimpleStatement statement) {
        return Patience.ask(
                        PATIENCE,
                        () -> Optional.ofNullable(session.execute(statement).one()))
                .orElse(null);
    }

    private static int checked(int generation) {
        if (generation < 1 || generation > WriteTime.MOST_GENERATIONS) {
            throw new IllegalStateException(
                    "generation " + generation + " in stream_state, expected 1.." + WriteTime.MOST_GENERATIONS);
        }
        return generation;
    }
}
