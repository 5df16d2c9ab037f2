package io.tributary.stream;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;

/** The meaning of the numbers that are counted now, kept in Cassandra beside them; 1 where nobody has written another. */
final class Generation {
    private static final String READ = "SELECT generation FROM tributary.stream_state WHERE name = 'stream'";
    private static final String BEGIN =
            "INSERT INTO tributary.stream_state (name, generation) VALUES ('stream', 1) IF NOT EXISTS";

    private Generation() {}

    /** Reads it, and writes the first; throws what the driver throws, as long as Cassandra or the table is not there. */
    static int current(CqlSession session) {
        Row known = session.execute(READ).one();
        if (known == null) {
            Row answer = session.execute(SimpleStatement.newInstance(BEGIN)).one();
            known = answer == null || answer.getBoolean("[applied]") ? null : answer;
        }
        int generation = known == null ? 1 : known.getInt("generation");
        if (generation < 1 || generation > WriteTime.MOST_GENERATIONS) {
            throw new IllegalStateException(
                    "generation " + generation + " in stream_state, expected 1.." + WriteTime.MOST_GENERATIONS);
        }
        return generation;
    }
}
