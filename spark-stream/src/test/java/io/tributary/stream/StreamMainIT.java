package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.schemas.Digest;
import io.tributary.schemas.SchemaRegistry;
import io.tributary.schemas.User;
import io.tributary.schemas.UserEvent;
import io.tributary.schemas.UserEventEncoder;
import io.tributary.schemas.UserEventSchema;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.spark.sql.types.StructField;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The stream as a process, on real servers: every test publishes a run of its own, in windows of its own. */
class StreamMainIT {
    private static final String TOPIC = "randomuser.users";
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static Stack stack;
    private static KafkaProducer<String, byte[]> producer;
    private static int schemaId;

    private final UUID run = UUID.randomUUID();
    private final UserEventEncoder encoder = new UserEventEncoder();

    @BeforeAll
    static void start() throws Exception {
        stack = Stack.start(Part.KAFKA, Part.REGISTRY, Part.CASSANDRA, Part.STREAM);
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap(), "acks", "all"),
                new StringSerializer(),
                new ByteArraySerializer());
        schemaId = new SchemaRegistry(stack.parts().addresses().registryUrl().orElseThrow(), Duration.ofSeconds(30))
                .register(UserEventSchema.subjectOf(TOPIC), UserEventSchema.schema())
                .get();
    }

    @AfterAll
    static void end() throws Exception {
        producer.close();
        stack.close();
    }

    @Test
    void everyUserIsCountedOnceWhateverTheOrderAndTheRepetition() throws Exception {
        // Given
        Random random = new Random(1);
        List<UserEvent> users = pages(3, Pages.START, random);
        List<UserEvent> sent = new ArrayList<>(users);
        users.stream().filter(user -> random.nextInt(10) < 4).forEach(sent::add);
        Collections.shuffle(sent, random);
        users.stream().filter(user -> user.position() % 50 == 0).forEach(user -> sent.add(other(user)));
        // When
        publish(sent.subList(0, 2_000));
        awaitCounted(users.subList(0, 1));
        publish(sent.subList(2_000, sent.size()));
        awaitCounted(users);
        // Then
        assertTables(users);
        awaitGroupAtTheEnd();
    }

    @Test
    void aProcessKilledHalfWayGoesOnWhereItWas() throws Exception {
        // Given
        List<UserEvent> users = pages(8, Pages.START.plus(Duration.ofHours(1)), new Random(2));
        publish(users.subList(0, 2_500));
        awaitCounted(users.subList(0, 1));
        publish(users.subList(2_500, 8_000));
        // When
        stack.parts().kill(Part.STREAM);
        // Then
        awaitCounted(users);
        assertTables(users);
    }

    @Test
    void brokenAndImpossibleRecordsAreSetAsideAndTheOthersGoOn() throws Exception {
        // Given
        List<UserEvent> users = pages(1, Pages.START.plus(Duration.ofHours(2)), new Random(3));
        UserEvent user = users.get(0);
        byte[] good = framed(user);
        Map<String, byte[]> bad = Map.of(
                "wrong_magic", new byte[] {9, 9, 9, 9, 9, 9},
                "unknown_schema", UserEventEncoder.framed(987_654, encoder.body(user)),
                "malformed", Arrays.copyOf(good, good.length - 3),
                "impossible", framed(Pages.moved(user, 1, 5_000, 1_000, user.capturedAt())));
        Map<List<Object>, String> sentTo = new HashMap<>();
        // When
        publish(users.subList(0, 500));
        for (Map.Entry<String, byte[]> letter : bad.entrySet()) {
            var at = producer.send(new ProducerRecord<>(TOPIC, "key", letter.getValue()))
                    .get();
            sentTo.put(List.of(String.valueOf(at.partition()), String.valueOf(at.offset())), letter.getKey());
        }
        publish(users.subList(500, 1_000));
        awaitCounted(users);
        // Then
        assertTables(users);
        Map<List<Object>, String> received = new HashMap<>();
        await().atMost(PATIENCE).untilAsserted(() -> {
            for (ConsumerRecord<String, byte[]> letter : deadLetters()) {
                received.put(List.of(header(letter, "partition"), header(letter, "offset")), header(letter, "reason"));
                assertThat(header(letter, "topic")).isEqualTo(TOPIC);
                assertThat(letter.value()).isEqualTo(bad.get(header(letter, "reason")));
            }
            assertThat(received).isEqualTo(sentTo);
        });
    }

    @Test
    void whenCassandraDiesAndComesBackTheStreamGoesOnByItself() throws Exception {
        // Given
        List<UserEvent> users = pages(6, Pages.START.plus(Duration.ofHours(3)), new Random(4));
        long process = stack.parts().pid(Part.STREAM);
        publish(users.subList(0, 3_000));
        // When
        stack.parts().kill(Part.CASSANDRA);
        publish(users.subList(3_000, 6_000));
        stack.parts().awaitReady(Part.CASSANDRA);
        // Then
        awaitCounted(users);
        assertTables(users);
        assertThat(stack.parts().pid(Part.STREAM)).isEqualTo(process);
    }

    /** Pages of 1,000, in two or more windows. */
    private List<UserEvent> pages(int pages, Instant from, Random random) {
        List<UserEvent> users = new ArrayList<>();
        for (int page = 1; page <= pages; page++) {
            users.addAll(Pages.page(run, page, 1_000, from.plusSeconds(20L * page), random));
        }
        return users;
    }

    /** The same place and time with another name and age, so that the sums would differ if it counted. */
    private static UserEvent other(UserEvent event) {
        User u = event.user();
        Integer age = u.age() == null ? 50 : null;
        User changed = new User(
                u.userId(),
                u.nationality(),
                u.gender(),
                u.title(),
                u.firstName(),
                u.lastName(),
                u.streetNumber(),
                u.streetName(),
                u.city(),
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
                age,
                u.registeredAt(),
                u.registeredAge(),
                u.phone(),
                u.cell(),
                u.idName(),
                u.idValue(),
                u.picture());
        return Pages.changed(event, changed);
    }

    private byte[] framed(UserEvent event) {
        return UserEventEncoder.framed(schemaId, encoder.body(event));
    }

    private void publish(List<UserEvent> users) {
        for (UserEvent user : users) {
            producer.send(new ProducerRecord<>(TOPIC, user.user().userId().toString(), framed(user)));
        }
        producer.flush();
    }

    /** Waits until all users of these pages are counted, and written one by one. */
    private void awaitCounted(List<UserEvent> users) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(300))
                .ignoreExceptionsInstanceOf(DriverException.class)
                .until(
                        () -> stack
                                        .cassandra()
                                        .execute("SELECT page, users FROM tributary.page_sums WHERE run_id = " + run)
                                        .all()
                                        .stream()
                                        .mapToInt(row -> row.getInt("users"))
                                        .sum()
                                >= users.size());
        if (users.size() > 1) {
            await().atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(DriverException.class)
                    .until(() -> userRows(users).size() == users.size());
        }
    }

    private void assertTables(List<UserEvent> users) {
        assertThat(pageSums()).isEqualTo(expectedPageSums(users));
        assertThat(windows(users)).isEqualTo(expectedWindows(users));
        List<LocalDate> days = users.stream()
                .map(user -> minute(user).atZone(ZoneOffset.UTC).toLocalDate())
                .distinct()
                .toList();
        for (LocalDate day : days) {
            assertThat(stack.cassandra()
                            .execute("SELECT window_start FROM tributary.windows_by_day WHERE day = '" + day + "'")
                            .all())
                    .extracting(row -> row.getInstant("window_start"))
                    .containsAll(
                            users.stream().map(StreamMainIT::minute).distinct().toList());
        }
        Map<UserEvent, Row> rows = userRows(users);
        for (UserEvent user : users) {
            if (user.position() % 50 != 0) { // some of these were sent with two bodies: either is right
                assertThat(cells(rows.get(user))).isEqualTo(expectedCells(user));
            }
        }
    }

    private Map<Integer, List<Object>> pageSums() {
        Map<Integer, List<Object>> sums = new TreeMap<>();
        for (Row row : stack.cassandra().execute("SELECT * FROM tributary.page_sums WHERE run_id = " + run)) {
            sums.put(
                    row.getInt("page"),
                    List.of(
                            row.getInt("users"),
                            row.getLong("digest"),
                            row.getInt("page_users"),
                            row.getInstant("captured_at"),
                            row.getInstant("window_start")));
        }
        return sums;
    }

    private Map<Integer, List<Object>> expectedPageSums(List<UserEvent> users) {
        Map<Integer, List<Object>> sums = new TreeMap<>();
        users.stream().collect(Collectors.groupingBy(UserEvent::page)).forEach((page, ofPage) -> {
            long digest = ofPage.stream()
                    .mapToLong(user -> Digest.hashOf(encoder.body(user)))
                    .sum();
            UserEvent first = ofPage.get(0);
            sums.put(page, List.of(ofPage.size(), digest, first.pageUsers(), first.capturedAt(), minute(first)));
        });
        return sums;
    }

    /** By window, nationality and gender: users, users with an age, sum of ages. */
    private Map<List<Object>, List<Long>> windows(List<UserEvent> users) {
        Map<List<Object>, List<Long>> windows = new HashMap<>();
        for (Instant window :
                users.stream().map(StreamMainIT::minute).distinct().toList()) {
            for (Row row : stack.cassandra()
                    .execute("SELECT * FROM tributary.window_users WHERE window_start = '" + window + "'")) {
                add(
                        windows,
                        List.of(window, row.getString("nationality"), row.getString("gender")),
                        List.of((long) row.getInt("users"), (long) row.getInt("aged"), row.getLong("age_sum")));
            }
        }
        return windows;
    }

    private static Map<List<Object>, List<Long>> expectedWindows(List<UserEvent> users) {
        Map<List<Object>, List<Long>> windows = new HashMap<>();
        for (UserEvent event : users) {
            User user = event.user();
            Integer age = user.age();
            add(
                    windows,
                    List.of(minute(event), user.nationality(), user.gender()),
                    List.of(1L, age == null ? 0L : 1L, age == null ? 0L : age));
        }
        return windows;
    }

    private static void add(Map<List<Object>, List<Long>> sums, List<Object> key, List<Long> more) {
        sums.merge(key, more, (a, b) -> List.of(a.get(0) + b.get(0), a.get(1) + b.get(1), a.get(2) + b.get(2)));
    }

    private static Instant minute(UserEvent event) {
        return Micros.instant(Micros.windowStart(Micros.of(event.capturedAt()), Duration.ofMinutes(1)));
    }

    /** The rows of these users, of those that are there. */
    private Map<UserEvent, Row> userRows(List<UserEvent> users) {
        CqlSession session = stack.cassandra();
        PreparedStatement select = session.prepare(
                "SELECT * FROM tributary.users_by_id WHERE user_id = ? AND run_id = ? AND page = ? AND position = ?");
        Map<UserEvent, Row> rows = new HashMap<>();
        for (int from = 0; from < users.size(); from += 500) {
            List<UserEvent> some = users.subList(from, Math.min(users.size(), from + 500));
            var answers = some.stream()
                    .map(user ->
                            session.executeAsync(select.bind(user.user().userId(), run, user.page(), user.position())))
                    .toList();
            for (int i = 0; i < some.size(); i++) {
                Row row = answers.get(i).toCompletableFuture().join().one();
                if (row != null) {
                    rows.put(some.get(i), row);
                }
            }
        }
        return rows;
    }

    private static Map<String, Object> cells(Row row) {
        Map<String, Object> cells = new TreeMap<>();
        row.getColumnDefinitions().forEach(column -> {
            if (!row.isNull(column.getName())) {
                cells.put(column.getName().asInternal(), row.getObject(column.getName()));
            }
        });
        return cells;
    }

    private static Map<String, Object> expectedCells(UserEvent event) {
        Map<String, Object> cells = new TreeMap<>();
        org.apache.spark.sql.Row row = UserRows.of(event, 1);
        for (int i = 1; i < UserRows.SHAPE.fields().length; i++) { // 0 is the timestamp
            StructField field = UserRows.SHAPE.fields()[i];
            Object value = row.get(i);
            if (value instanceof byte[] uuid) {
                ByteBuffer bytes = ByteBuffer.wrap(uuid);
                value = new UUID(bytes.getLong(), bytes.getLong());
            }
            if (value != null) {
                cells.put(field.name(), value);
            }
        }
        return cells;
    }

    private static void awaitGroupAtTheEnd() {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap()))) {
            await().atMost(PATIENCE).untilAsserted(() -> {
                Map<TopicPartition, Long> committed = new HashMap<>();
                admin.listConsumerGroupOffsets("tributary-stream")
                        .partitionsToOffsetAndMetadata()
                        .get()
                        .forEach((partition, offset) -> committed.put(partition, offset.offset()));
                Map<TopicPartition, Long> ends = new HashMap<>();
                Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
                for (int partition = 0; partition < 4; partition++) {
                    asked.put(new TopicPartition(TOPIC, partition), OffsetSpec.latest());
                }
                admin.listOffsets(asked).all().get().forEach((partition, end) -> ends.put(partition, end.offset()));
                assertThat(committed).isEqualTo(ends);
            });
        }
    }

    private static List<ConsumerRecord<String, byte[]>> deadLetters() {
        TopicPartition dlq = new TopicPartition(TOPIC + ".dlq", 0);
        List<ConsumerRecord<String, byte[]>> letters = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap()), new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(dlq));
            consumer.seekToBeginning(List.of(dlq));
            long end = consumer.endOffsets(List.of(dlq)).get(dlq);
            while (consumer.position(dlq) < end) {
                consumer.poll(Duration.ofMillis(500)).forEach(letters::add);
            }
        }
        return letters;
    }

    private static String header(ConsumerRecord<String, byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private static String bootstrap() {
        return stack.parts().addresses().kafkaBootstrap().orElseThrow();
    }
}
