package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import io.tributary.embedded.Addresses;
import io.tributary.schemas.Digest;
import io.tributary.schemas.SchemaRegistry;
import io.tributary.schemas.UserEvent;
import io.tributary.schemas.UserEventDecoder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** What the stores hold, read by their own clients and not by the code under test. */
record Stores(Addresses addresses) {
    static final String TOPIC = "randomuser.users";
    private static final String STREAM_GROUP = "tributary-stream";

    /** One user's place in its run. */
    record Key(int page, int position) {}

    /** Every key of a run: its pages full. */
    static Set<Key> expected(int users, int pageSize) {
        Set<Key> keys = new HashSet<>();
        for (int user = 0; user < users; user++) {
            keys.add(new Key(user / pageSize + 1, user % pageSize));
        }
        return keys;
    }

    /** Fails where these are not the keys of a run, with how many differ and the first of them. */
    static void assertWhole(String store, Set<Key> found, int users, int pageSize) {
        Set<Key> expected = expected(users, pageSize);
        assertThat(some(expected, found) + " missing, " + some(found, expected) + " too many")
                .as(store)
                .isEqualTo("0 missing, 0 too many");
    }

    /** How many keys of one set are not in the other, and the first five. */
    private static String some(Set<Key> keys, Set<Key> without) {
        List<Key> left = keys.stream()
                .filter(key -> !without.contains(key))
                .sorted(Comparator.comparingInt(Key::page).thenComparingInt(Key::position))
                .toList();
        return left.isEmpty() ? "0" : left.size() + " " + left.stream().limit(5).toList();
    }

    Connection sql() throws SQLException, IOException {
        Addresses.Postgres at = addresses.postgres().orElseThrow();
        return DriverManager.getConnection(
                at.jdbcUrl() + "?connectTimeout=5&socketTimeout=120",
                at.user(),
                Files.readString(at.passwordFile()).strip());
    }

    CqlSession cql() {
        String[] contact = addresses.cassandraContact().orElseThrow().split(":");
        return CqlSession.builder()
                .addContactPoint(new InetSocketAddress(contact[0], Integer.parseInt(contact[1])))
                .withLocalDatacenter(addresses.datacenter())
                .withConfigLoader(DriverConfigLoader.programmaticBuilder()
                        .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, Duration.ofSeconds(30))
                        .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, Duration.ofSeconds(15))
                        .withDuration(DefaultDriverOption.CONTROL_CONNECTION_TIMEOUT, Duration.ofSeconds(15))
                        .build())
                .build();
    }

    long number(String query) throws SQLException, IOException {
        try (Connection connection = sql();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    Set<Key> inPostgres(UUID run) throws SQLException, IOException {
        Set<Key> keys = new HashSet<>();
        try (Connection connection = sql();
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("select page, position from users where run_id = '" + run + "'")) {
            while (rows.next()) {
                keys.add(new Key(rows.getInt(1), rows.getInt(2)));
            }
        }
        return keys;
    }

    /** Where the topic ends now, by partition. */
    Map<TopicPartition, Long> endOfTopic() {
        try (KafkaConsumer<String, byte[]> consumer = consumer()) {
            return consumer.endOffsets(partitions(consumer));
        }
    }

    /** Records that the stream has not passed with both of its queries, as its consumer group shows it. */
    long lagOfStream() throws Exception {
        Map<TopicPartition, Long> ends = endOfTopic();
        try (Admin admin = Admin.create(bootstrap())) {
            Map<TopicPartition, OffsetAndMetadata> passed = admin.listConsumerGroupOffsets(STREAM_GROUP)
                    .partitionsToOffsetAndMetadata()
                    .get(30, TimeUnit.SECONDS);
            long lag = 0;
            for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
                OffsetAndMetadata at = passed.get(end.getKey());
                lag += end.getValue() - (at == null ? 0 : at.offset());
            }
            return lag;
        }
    }

    /** Keys on the topic behind these offsets; repeated records are allowed, but only with the same bytes. */
    Set<Key> inKafka(UUID run, Map<TopicPartition, Long> from) {
        Map<Key, Long> hashes = new HashMap<>();
        forEachRecord(from, (record, event) -> {
            if (event.runId().equals(run)) {
                long hash = Digest.hashOf(record.value());
                Long before = hashes.put(new Key(event.page(), event.position()), hash);
                if (before != null && before != hash) {
                    throw new AssertionError(
                            "two different records for page " + event.page() + " position " + event.position());
                }
            }
        });
        return hashes.keySet();
    }

    private UserEventDecoder decoder() {
        SchemaRegistry registry = new SchemaRegistry(addresses.registryUrl().orElseThrow(), Duration.ofSeconds(10));
        return new UserEventDecoder(id -> registry.byId(id).join().orElse(null));
    }

    /** What is on the topic now, behind these offsets. */
    void forEachRecord(Map<TopicPartition, Long> from, BiConsumer<ConsumerRecord<String, byte[]>, UserEvent> action) {
        UserEventDecoder decoder = decoder();
        try (KafkaConsumer<String, byte[]> consumer = consumer()) {
            List<TopicPartition> partitions = partitions(consumer);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            from.forEach(consumer::seek);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    action.accept(record, decoder.decode(record.value()));
                }
            }
        } catch (UserEventDecoder.Undecodable e) {
            throw new AssertionError("a record that is no user event", e);
        }
    }

    private KafkaConsumer<String, byte[]> consumer() {
        return new KafkaConsumer<>(bootstrap(), new StringDeserializer(), new ByteArrayDeserializer());
    }

    private Map<String, Object> bootstrap() {
        return Map.of(
                CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
                addresses.kafkaBootstrap().orElseThrow());
    }

    private static List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer) {
        return consumer.partitionsFor(TOPIC).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
    }

    Set<Key> inCassandra(UUID run) {
        Set<Key> keys = new HashSet<>();
        try (CqlSession session = cql()) {
            SimpleStatement all =
                    SimpleStatement.newInstance( // every partition is asked: other runs need not come here
                                    "SELECT page, position FROM tributary.users_by_id WHERE run_id = ? ALLOW FILTERING",
                                    run)
                            .setPageSize(20_000);
            for (Row row : session.execute(all)) {
                keys.add(new Key(row.getInt(0), row.getInt(1)));
            }
        }
        return keys;
    }

    /** Users of a run in the windows, by page: a page is in one window and its groups add up to it. */
    Map<Integer, Long> inWindows(UUID run) {
        Map<Integer, Long> users = new HashMap<>();
        try (CqlSession session = cql()) {
            Set<Instant> windows = new HashSet<>();
            session.execute("SELECT window_start FROM tributary.page_sums WHERE run_id = " + run)
                    .forEach(row -> windows.add(row.getInstant(0)));
            for (Instant window : windows) {
                session.execute("SELECT run_id, page, users FROM tributary.window_users WHERE window_start = '" + window
                                + "'")
                        .forEach(row -> {
                            if (run.equals(row.getUuid(0))) {
                                users.merge(row.getInt(1), (long) row.getInt(2), Long::sum);
                            }
                        });
            }
        }
        return users;
    }
}
