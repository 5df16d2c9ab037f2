package io.tributary.acceptance;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.api.core.cql.Row;
import io.tributary.embedded.Addresses;
import io.tributary.schemas.Digest;
import io.tributary.schemas.SchemaRegistry;
import io.tributary.schemas.UserEvent;
import io.tributary.schemas.UserEventDecoder;
import io.tributary.schemas.UserEventEncoder;
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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** What the stores hold, read by their own clients and not by the code under test. */
record Stores(Addresses addresses) {
    static final String TOPIC = "randomuser.users";

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

    /** Keys on the topic; repeated records are allowed, but only with the same bytes. */
    Set<Key> inKafka(UUID run) {
        Map<Key, Long> hashes = new HashMap<>();
        UserEventEncoder encoder = new UserEventEncoder();
        forEachRecord((record, event) -> {
            if (event.runId().equals(run)) {
                long hash = Digest.hashOf(encoder.body(event));
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

    /** The whole topic, as it is now. */
    void forEachRecord(BiConsumer<ConsumerRecord<String, byte[]>, UserEvent> action) {
        Map<String, Object> config = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                addresses.kafkaBootstrap().orElseThrow());
        UserEventDecoder decoder = decoder();
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(TOPIC).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
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

    Set<Key> inCassandra(UUID run) {
        Set<Key> keys = new HashSet<>();
        try (CqlSession session = cql()) {
            for (Row row : session.execute("SELECT run_id, page, position FROM tributary.users_by_id")) {
                if (run.equals(row.getUuid(0))) {
                    keys.add(new Key(row.getInt(1), row.getInt(2)));
                }
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
