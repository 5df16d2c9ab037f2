package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.Row;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.embedded.EmbeddedStack.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * The stream's driver, a worker, Cassandra and Kafka killed again and again at random moments of one run: the windows are what a batch over
 * PostgreSQL counts, group by group, and a reader that looks once a second sees no number fall. Afterwards a rebuild and a
 * rollup by the command line give the same. Minutes long; {@code -Pchaos}, {@code -Dwindows.users}, {@code -Dwindows.kills} of
 * each, {@code -Dwindows.seed}.
 */
@EnabledIfSystemProperty(named = "chaos.long", matches = "true")
class WindowsAreRightIT {
    private static final int USERS = Integer.getInteger("windows.users", 200_000);
    private static final int KILLS = Integer.getInteger("windows.kills", 10);
    private static final int PAGE_SIZE = 1_000;
    private static final Duration BETWEEN_KILLS = Duration.ofSeconds(3);

    /** What is counted of a group: users, users with an age, the sum of ages. */
    private record Counts(long users, long aged, long ageSum) {
        Counts plus(Counts more) {
            return new Counts(users + more.users, aged + more.aged, ageSum + more.ageSum);
        }
    }

    @Test
    void windowsEqualABatchRecomputationAndNoNumberFallsWhateverIsKilled(@TempDir Path dir) throws Exception {
        // Given
        long seed = Long.getLong("windows.seed", System.nanoTime());
        System.out.println("windows.seed=" + seed + " users=" + USERS + " kills=" + KILLS);
        Random random = new Random(seed);
        try (WholeStack stack = new WholeStack(WholeStack.options(dir).withCluster(2))) {
            UUID run = stack.startRun(USERS, PAGE_SIZE);
            Numbers reader = new Numbers(stack.stores().cql(), run);
            // When
            for (int round = 0; round < KILLS; round++) {
                for (Part part : List.of(Part.STREAM, Part.WORKER_1, Part.CASSANDRA, Part.KAFKA)) {
                    kill(stack, part, random);
                }
            }
            stack.awaitSettled(run, USERS);
            await("every record is behind the stream")
                    .atMost(Duration.ofMinutes(5))
                    .until(() -> stack.stores().lagOfStream() == 0);
            // Then
            assertThat(reader.end()).as("numbers that fell").isEmpty();
            Map<List<Object>, Counts> batch = fromPostgres(stack, run);
            assertThat(fromCassandra(stack)).isEqualTo(batch);
            assertThat(rebuilt(dir)).isEqualTo(USERS);
            assertThat(fromCassandra(stack)).isEqualTo(batch);
            assertThat(rolledUp(stack, dir, batch)).isEqualTo(USERS);
        }
    }

    private static void kill(WholeStack stack, Part part, Random random) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(random.nextLong(BETWEEN_KILLS.toMillis())); // the moment is the point
        stack.servers().kill(part);
        stack.servers().awaitReady(part);
    }

    /** Gives how many users were counted again. */
    private static long rebuilt(Path dir) throws IOException {
        Cli.Result rebuild = Cli.run(dir, "rebuild", "latest", "--json");
        assertThat(rebuild.exit()).as(rebuild.err()).isZero();
        JsonNode said = new ObjectMapper().readTree(rebuild.out());
        assertThat(said.path("removed").asLong()).isZero();
        assertThat(said.path("generation").asInt()).isGreaterThan(1);
        return said.path("users").asLong();
    }

    private static long rolledUp(WholeStack stack, Path dir, Map<List<Object>, Counts> batch) {
        long users = 0;
        Set<LocalDate> days = new TreeSet<>();
        batch.keySet().forEach(key -> days.add(LocalDate.ofInstant((Instant) key.get(0), ZoneOffset.UTC)));
        try (CqlSession cassandra = stack.stores().cql()) {
            for (LocalDate day : days) {
                Cli.Result rollup = Cli.run(dir, "rollup", "--from", day.toString());
                assertThat(rollup.exit()).as(rollup.err()).isZero();
                for (Row row : cassandra.execute(
                        "SELECT users FROM tributary.rollup_users WHERE size = 'day' AND window_start = ?",
                        day.atStartOfDay().toInstant(ZoneOffset.UTC))) {
                    users += row.getLong("users");
                }
            }
        }
        return users;
    }

    /** By window, nationality and gender; the stack has had no other run. */
    private static Map<List<Object>, Counts> fromCassandra(WholeStack stack) {
        Map<List<Object>, Counts> windows = new HashMap<>();
        try (CqlSession cassandra = stack.stores().cql()) {
            for (Row row : cassandra.execute("SELECT * FROM tributary.window_users")) {
                windows.merge(
                        List.of(row.getInstant("window_start"), row.getString("nationality"), row.getString("gender")),
                        new Counts(row.getInt("users"), row.getInt("aged"), row.getLong("age_sum")),
                        Counts::plus);
            }
        }
        return windows;
    }

    private static Map<List<Object>, Counts> fromPostgres(WholeStack stack, UUID run) throws SQLException, IOException {
        Map<List<Object>, Counts> windows = new HashMap<>();
        String query =
                "select date_trunc('minute', p.captured_at, 'UTC'), u.nationality, u.gender, count(*), count(u.age),"
                        + " coalesce(sum(u.age), 0) from users u join page p using (run_id, page) where run_id = '"
                        + run
                        + "' group by 1, 2, 3";
        try (Connection connection = stack.stores().sql();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                windows.put(
                        List.of(rows.getTimestamp(1).toInstant(), rows.getString(2), rows.getString(3)),
                        new Counts(rows.getLong(4), rows.getLong(5), rows.getLong(6)));
            }
        }
        return windows;
    }
}
