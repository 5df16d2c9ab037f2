package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.embedded.EmbeddedStack.Part;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** P1 and P2: whatever is killed in the middle of a run, no user is missing anywhere and none is counted twice. */
class NothingIsLostIT {
    private static final int USERS = 100_000;
    private static final int PAGE_SIZE = 1_000;

    @TempDir
    static Path dir;

    private static WholeStack stack;

    @BeforeAll
    static void up() {
        stack = new WholeStack(WholeStack.options(dir));
    }

    @AfterAll
    static void down() {
        stack.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"INGEST", "KAFKA", "POSTGRES", "CASSANDRA", "STREAM"})
    void aKilledProcessLosesNobodyAndCountsNobodyTwice(Part killed) throws Exception {
        // Given
        UUID run = stack.startRun(USERS, PAGE_SIZE);
        long before = awaitTheMiddle(run, killed);
        // When
        stack.servers().kill(killed);
        // Then
        assertThat(before).as("users when %s was killed", killed).isLessThan(USERS);
        stack.awaitSettled(run, USERS);
        Stores stores = stack.stores();
        assertThat(stores.inPostgres(run)).isEqualTo(Stores.expected(USERS, PAGE_SIZE));
        assertThat(stores.inKafka(run)).isEqualTo(Stores.expected(USERS, PAGE_SIZE));
        await("every user in users_by_id") // that query writes beside the counting one
                .atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> assertThat(stores.inCassandra(run)).isEqualTo(Stores.expected(USERS, PAGE_SIZE)));
        assertThat(stores.inWindows(run))
                .hasSize(USERS / PAGE_SIZE)
                .allSatisfy((page, users) -> assertThat(users).isEqualTo(PAGE_SIZE));
        JsonNode reconciliation = stack.reconciliation(run, killed == Part.CASSANDRA); // deep reads every user by key
        assertThat(reconciliation.get("equal").asBoolean())
                .as(reconciliation.toString())
                .isTrue();
    }

    /** Users that are through the part to be killed, once there are some. */
    private static long awaitTheMiddle(UUID run, Part killed) throws Exception {
        boolean isStream = killed == Part.STREAM || killed == Part.CASSANDRA;
        String field = isStream ? "/progress/counted" : "/progress/published";
        long[] users = new long[1];
        await("some users are through")
                .atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(20))
                .ignoreExceptions()
                .until(() -> (users[0] = stack.run(run).at(field).asLong(0)) >= USERS / 10);
        return users[0];
    }
}
