package io.tributary.perf;

import io.tributary.embedded.EmbeddedStack.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.UUID;

/**
 * Rows and originals of a run, as they lie in PostgreSQL, into tables of the same shape: one binary COPY each, from a file, by
 * PostgreSQL's own driver, which passes the bytes on as they are.
 */
record CopyFloor(Database database, Path rows, Path originals) implements Floor {
    private static final String INTO = "COPY %s FROM STDIN (FORMAT binary)";

    static CopyFloor of(Bench bench, UUID run) throws IOException, SQLException {
        CopyFloor floor = new CopyFloor(
                bench.database(),
                bench.folder().resolve("users.copy"),
                bench.folder().resolve("response.copy"));
        String out = "COPY (SELECT * FROM %s WHERE run_id = '" + run + "') TO STDOUT (FORMAT binary)";
        floor.database.copyOut(out.formatted("users"), floor.rows);
        floor.database.copyOut(out.formatted("response"), floor.originals);
        floor.database.execute("CREATE TABLE floor_users (LIKE users INCLUDING ALL);"
                + "CREATE TABLE floor_response (LIKE response INCLUDING ALL)");
        return floor;
    }

    @Override
    public String name() {
        return "copy";
    }

    @Override
    public Part server() {
        return Part.POSTGRES;
    }

    @Override
    public void run(int users) throws IOException, SQLException {
        database.execute("TRUNCATE floor_users, floor_response");
        database.copyIn(INTO.formatted("floor_response"), originals);
        database.copyIn(INTO.formatted("floor_users"), rows);
    }
}
