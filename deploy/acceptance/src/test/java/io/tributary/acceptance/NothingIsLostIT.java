package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.embedded.EmbeddedStack.Part;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** P1 and P2: whatever is killed in the middle of a run, no user is missing anywhere and none is counted twice. */
@SharedStack.Whole
class NothingIsLostIT {
    private static final int MANY = 100_000;
    private static final int FEW = 40_000;
    private static final int PAGE_SIZE = 1_000;

    private final WholeStack stack;

    NothingIsLostIT(WholeStack shared) {
        stack = shared;
    }

    @ParameterizedTest
    @EnumSource(names = {"INGEST", "KAFKA", "POSTGRES", "CASSANDRA", "STREAM"})
    void aKilledProcessLosesNobodyAndCountsNobodyTwice(Part killed) throws Exception {
        // Given
        // the gate's minutes are few: the parts behind ingest get fewer in its short form
        int users = killed == Part.INGEST || Boolean.getBoolean("chaos.long") ? MANY : FEW;
        Stopwatch time = new Stopwatch(killed);
        Map<TopicPartition, Long> topicBefore = stack.stores().endOfTopic();
        UUID run = stack.startRun(users, PAGE_SIZE);
        long before = awaitTheMiddle(run, killed, users / 10);
        time.lap("middle");
        // When
        stack.servers().kill(killed);
        // Then
        assertThat(before).as("users when %s was killed", killed).isLessThan(users);
        stack.awaitSettled(run, users);
        time.lap("counted");
        Stores stores = stack.stores();
        Stores.assertWhole("postgres", stores.inPostgres(run), users, PAGE_SIZE);
        time.lap("postgres");
        Stores.assertWhole("kafka", stores.inKafka(run, topicBefore), users, PAGE_SIZE);
        time.lap("kafka");
        stack.awaitWritten();
        time.lap("stream");
        Stores.assertWhole("cassandra", stores.inCassandra(run), users, PAGE_SIZE);
        time.lap("cassandra");
        assertThat(stores.inWindows(run))
                .hasSize(users / PAGE_SIZE)
                .allSatisfy((page, counted) -> assertThat(counted).isEqualTo(PAGE_SIZE));
        JsonNode reconciliation = stack.reconciliation(run, false);
        assertThat(reconciliation.get("equal").asBoolean())
                .as(reconciliation.toString())
                .isTrue();
        time.lap("reconciled");
        System.out.println(time);
    }

    /** Users that are through the part to be killed, once there are so many. */
    private long awaitTheMiddle(UUID run, Part killed, int some) throws Exception {
        boolean isStream = killed == Part.STREAM || killed == Part.CASSANDRA;
        String field = isStream ? "/progress/counted" : "/progress/published";
        long[] users = new long[1];
        await("some users are through")
                .atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(20))
                .ignoreExceptions()
                .until(() -> (users[0] = stack.run(run).at(field).asLong(0)) >= some);
        return users[0];
    }

    /** Where the time of this test goes, in one line. */
    private static final class Stopwatch {
        private final StringBuilder laps;
        private long since = System.nanoTime();

        Stopwatch(Part killed) {
            laps = new StringBuilder("killed=" + killed.label());
        }

        void lap(String name) {
            long now = System.nanoTime();
            laps.append(String.format(Locale.ROOT, " %s=%.1fs", name, (now - since) / 1e9));
            since = now;
        }

        @Override
        public String toString() {
            return laps.toString();
        }
    }
}
