package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import io.tributary.schemas.User;
import io.tributary.schemas.UserEvent;
import io.tributary.schemas.UserEventEncoder;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** P7: one thing changed by hand in one store, and {@code etl reconcile} exits with 1 and names store and page. */
@SharedStack.Whole
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DriftIsNamedIT {
    private static final int USERS = 3_000;
    private static final int PAGE_SIZE = 1_000;
    private static final int TESTS = 6;

    private final WholeStack stack;
    private final Deque<UUID> runs = new ArrayDeque<>();
    private Map<TopicPartition, Long> topicBefore = Map.of();
    private UUID run;

    DriftIsNamedIT(WholeStack shared) {
        stack = shared;
    }

    @BeforeAll
    void oneRunForEachTest() throws Exception {
        topicBefore = stack.stores().endOfTopic();
        for (int test = 0; test < TESTS; test++) {
            runs.add(stack.startRun(USERS, PAGE_SIZE));
        }
        for (UUID each : runs) {
            stack.awaitSettled(each, USERS);
        }
        stack.awaitWritten();
    }

    @BeforeEach
    void aRunThatAgrees() {
        run = runs.remove();
        Cli.Result agreed = reconcile();
        assertThat(agreed.exit()).as(agreed.toString()).isZero();
    }

    @Test
    void aFieldChangedInPostgres() throws Exception {
        try (Connection sql = stack.stores().sql();
                Statement statement = sql.createStatement()) {
            int changed = statement.executeUpdate(
                    "update users set city = 'Atlantis' where page = 2 and position = 17 and run_id = '" + run + "'");
            assertThat(changed).isEqualTo(1);
        }
        assertDrift(reconcile(), "postgres", "2", "17");
    }

    @Test
    void aRecordPublishedTwiceWithAnotherBody() throws Exception {
        Published published = recordOf(3, 5);
        publish(published, withCity(published.event(), "Atlantis"));
        assertDrift(reconcile(), "kafka", "3", "5");
    }

    @Test
    @Tag("bad-input-29")
    @DisplayName("29 · records of a run that the ledger does not know are reported as a phantom")
    void aRunThatNobodyKnowsIsReportedAsAPhantom() throws Exception {
        Published published = recordOf(3, 5);
        UUID phantom = UUID.randomUUID();
        publish(published, ofRun(published.event(), phantom));
        Cli.Result result = reconcile();
        assertThat(result.exit()).as("no difference of this run: " + result).isZero();
        assertThat(result.out()).contains("1 record of run " + phantom).contains("phantom");
    }

    /** Another event in the place of a published one, with its schema and key. */
    private void publish(Published published, UserEvent event) throws Exception {
        ConsumerRecord<String, byte[]> record = published.record();
        byte[] other = new UserEventEncoder().body(event);
        int schemaId = ByteBuffer.wrap(record.value(), 1, Integer.BYTES).getInt();
        Map<String, Object> config = Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                stack.addresses().kafkaBootstrap().orElseThrow());
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(
                            Stores.TOPIC,
                            null,
                            record.timestamp(),
                            record.key(),
                            UserEventEncoder.framed(schemaId, other)))
                    .get();
        }
    }

    @Test
    void aPageSumChangedInCassandra() {
        cql("UPDATE tributary.page_sums USING TIMESTAMP " + Long.MAX_VALUE / 2 + " SET digest = 42 WHERE run_id = "
                + run + " AND page = 2");
        assertDrift(reconcile(), "cassandra", "2", null);
    }

    @Test
    void aUserDeletedInCassandraIsNamedByTheDeepComparison() throws Exception {
        UserEvent event = recordOf(1, 999).event();
        cql("DELETE FROM tributary.users_by_id USING TIMESTAMP " + Long.MAX_VALUE / 2 + " WHERE user_id = "
                + event.user().userId() + " AND run_id = " + run + " AND page = 1 AND position = 999");
        assertThat(reconcile().exit()).isZero();
        assertDrift(reconcile("--deep"), "cassandra", "1", "999");
    }

    @Test
    void aUserChangedInCassandraIsNamedByTheDeepComparison() throws Exception {
        UserEvent event = recordOf(2, 3).event();
        cql("UPDATE tributary.users_by_id USING TIMESTAMP " + Long.MAX_VALUE / 2
                + " SET last_name = 'Nemo' WHERE user_id = " + event.user().userId() + " AND run_id = " + run
                + " AND page = 2 AND position = 3");
        assertDrift(reconcile("--deep"), "cassandra", "2", "3");
    }

    private Cli.Result reconcile(String... options) {
        return Cli.run(
                stack.dir(),
                Stream.concat(Stream.of("reconcile", run.toString()), Stream.of(options))
                        .toArray(String[]::new));
    }

    private static void assertDrift(Cli.Result result, String store, String page, String position) {
        assertThat(result.exit()).as(result.toString()).isEqualTo(1);
        String where = position == null ? "page " + page : "page " + page + ", position " + position;
        assertThat(result.out()).containsPattern("(?i)" + store + ".*, " + where + ":");
    }

    private Published recordOf(int page, int position) {
        List<Published> found = new ArrayList<>();
        stack.stores().forEachRecord(topicBefore, (record, event) -> {
            if (event.runId().equals(run) && event.page() == page && event.position() == position) {
                found.add(new Published(record, event));
            }
        });
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    private record Published(ConsumerRecord<String, byte[]> record, UserEvent event) {}

    private void cql(String statement) {
        try (CqlSession session = stack.stores().cql()) {
            session.execute(statement);
        }
    }

    private static UserEvent withCity(UserEvent e, String city) {
        User u = e.user();
        User moved = new User(
                u.userId(),
                u.nationality(),
                u.gender(),
                u.title(),
                u.firstName(),
                u.lastName(),
                u.streetNumber(),
                u.streetName(),
                city,
                u.state(),
                u.country(),
                u.postcode(),
                u.latitude(),
                u.longitude(),
                u.timezoneOffset(),
                u.timezone(),
                u.email(),
                u.username(),
                u.bornAt(),
                u.age(),
                u.registeredAt(),
                u.registeredAge(),
                u.phone(),
                u.cell(),
                u.idName(),
                u.idValue(),
                u.picture());
        return of(e.runId(), e, moved);
    }

    private static UserEvent ofRun(UserEvent event, UUID run) {
        return of(run, event, event.user());
    }

    private static UserEvent of(UUID run, UserEvent e, User user) {
        return new UserEvent(
                run, e.page(), e.position(), e.pageUsers(), e.capturedAt(), e.windowStart(), e.windowEnd(), user);
    }
}
