package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.schemas.Digest;
import io.tributary.schemas.SchemaRegistry;
import io.tributary.schemas.User;
import io.tributary.schemas.UserEvent;
import io.tributary.schemas.UserEventEncoder;
import io.tributary.schemas.UserEventSchema;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The stream as a process, on real servers: every test publishes a run of its own, in windows of its own. */
class StreamMainIT {
    /** Where what a kill leaves is swept away with the build. */
    private static final String TEMPORARY = "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir");

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
    @Tag("bad-input-27")
    @Tag("bad-input-28")
    @DisplayName(
            "27, 28 · broken and impossible records are set aside with their places, counted, and the others go on")
    void brokenAndImpossibleRecordsAreSetAsideAndTheOthersGoOn() throws Exception {
        // Given
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS); // as the ledger stamps
        List<UserEvent> users = pages(1, Pages.START.plus(Duration.ofHours(2)), new Random(3));
        users.addAll(Pages.page(run, 9, 100, now.minus(Duration.ofDays(7)), new Random(5))); // a week late
        users.addAll(Pages.page(run, 10, 100, now, new Random(6)));
        UserEvent user = users.get(0);
        byte[] good = framed(user);
        byte[] none = null;
        List<Bad> bad = List.of(
                new Bad("empty", none),
                new Bad("empty", new byte[0]),
                new Bad("wrong_magic", new byte[] {9, 9, 9, 9, 9, 9}),
                new Bad("unknown_schema", UserEventEncoder.framed(987_654, encoder.body(user))),
                new Bad("malformed", Arrays.copyOf(good, good.length - 3)),
                new Bad("impossible", framed(Pages.moved(user, 1, 5_000, 1_000, user.capturedAt()))),
                new Bad("impossible", framed(Pages.moved(user, 1, 0, 1_000, Instant.parse("1970-01-01T00:00:00Z")))),
                new Bad("impossible", framed(Pages.moved(user, 1, 0, 1_000, Instant.parse("2999-01-01T00:00:00Z")))));
        Map<String, Bad> sent = new HashMap<>();
        Map<String, Long> before = deadLetterMetrics();
        // When
        publish(users.subList(0, 500));
        for (Bad letter : bad) {
            var at = producer.send(new ProducerRecord<>(TOPIC, "key", letter.value))
                    .get();
            sent.put(TOPIC + "/" + at.partition() + "/" + at.offset(), letter);
        }
        publish(users.subList(500, users.size()));
        awaitCounted(users);
        // Then
        assertTables(users);
        await().atMost(PATIENCE).untilAsserted(() -> {
            Map<String, ConsumerRecord<String, byte[]>> received = new HashMap<>();
            deadLetters().forEach(letter -> received.put(letter.key(), letter));
            assertThat(received).containsKeys(sent.keySet().toArray(String[]::new));
            sent.forEach((place, letter) -> {
                assertThat(header(received.get(place), "reason")).isEqualTo(letter.reason);
                assertThat(received.get(place).value()).isEqualTo(letter.value);
                assertThat(TOPIC + "/" + header(received.get(place), "partition") + "/"
                                + header(received.get(place), "offset"))
                        .isEqualTo(place);
            });
        });
        await().atMost(PATIENCE).untilAsserted(() -> {
            Map<String, Long> counted = deadLetterMetrics();
            bad.stream()
                    .collect(Collectors.groupingBy(Bad::reason, Collectors.counting()))
                    .forEach((reason, letters) -> assertThat(counted.get(reason))
                            .as(reason)
                            .isGreaterThanOrEqualTo(before.get(reason) + letters));
        });
    }

    private record Bad(String reason, byte[] value) {}

    @Test
    void aSchemaWithANewFieldArrivesInTheMiddleOfTheStreamAndWhatWasTooEarlyIsRedriven() throws Exception {
        // Given
        List<UserEvent> users = pages(2, Pages.START.plus(Duration.ofHours(4)), new Random(8));
        Schema newer = NewerSchema.of(UserEventSchema.schema(), run.toString());
        SchemaRegistry registry =
                new SchemaRegistry(stack.parts().addresses().registryUrl().orElseThrow(), Duration.ofSeconds(30));
        int last = registry.register(UserEventSchema.subjectOf("unused." + run), NewerSchema.of(newer, "x" + run))
                .get();
        List<UserEvent> early = users.subList(0, 10);
        for (UserEvent user : early) { // by a producer that was faster than the registry
            producer.send(new ProducerRecord<>(TOPIC, "key", NewerSchema.framed(last + 1, newer, user)));
        }
        publish(users.subList(10, 500));
        awaitDeadLetters("unknown_schema", last + 1, early.size());
        // When
        int id = registry.register(UserEventSchema.subjectOf(TOPIC), newer).get();
        for (UserEvent user : users.subList(500, users.size())) {
            boolean old = user.position() % 2 == 0;
            producer.send(new ProducerRecord<>(TOPIC, "key", old ? framed(user) : NewerSchema.framed(id, newer, user)));
        }
        producer.flush();
        JsonNode listed = etl("dlq", "--reason", "unknown_schema", "--limit", "10000");
        JsonNode redriven = etl("dlq", "redrive", "--reason", "unknown_schema");
        // Then
        assertThat(id).as("the registry counts its ids up").isEqualTo(last + 1);
        assertThat(listed.path("deadLetters")).hasSizeGreaterThanOrEqualTo(early.size());
        assertThat(listed.path("deadLetters").path(0).path("topic").asText()).isEqualTo(TOPIC);
        assertThat(redriven.path("redriven").asInt()).isGreaterThanOrEqualTo(early.size());
        awaitCounted(users);
        assertTables(users);
    }

    @Test
    @Tag("bad-input-35")
    @DisplayName(
            "35 · checkpoint lost and half of the topic gone: it starts again, no number falls, a replay reconciles")
    void aLostCheckpointAndATrimmedTopicTakeNothingBack() throws Exception {
        // Given
        List<UserEvent> users = pages(4, Pages.START.plus(Duration.ofHours(5)), new Random(9));
        publish(users);
        awaitCounted(users);
        stack.parts().stop(Part.STREAM);
        List<UserEvent> meanwhile = pages(1, Pages.START.plus(Duration.ofHours(6)), new Random(10)).stream()
                .map(user -> Pages.moved(user, 50, user.position(), user.pageUsers(), user.capturedAt()))
                .toList();
        publish(meanwhile);
        long lag = groupLag();
        Files.move(checkpoint(), checkpoint().resolveSibling("lost"));
        trimHalf();
        // When
        CompletableFuture<Void> started = CompletableFuture.runAsync(() -> {
            try {
                stack.parts().start(Part.STREAM);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        long seen = countedUsers();
        while (!started.isDone() || groupLag() > 0) {
            long now = countedUsers();
            assertThat(now).as("users in page_sums").isGreaterThanOrEqualTo(seen);
            seen = now;
        }
        started.join();
        publish(meanwhile);
        List<UserEvent> all = new ArrayList<>(users);
        all.addAll(meanwhile);
        awaitCounted(all);
        // Then
        assertThat(lag).as("while the stream was stopped").isGreaterThanOrEqualTo(meanwhile.size());
        assertTables(all);
        awaitGroupAtTheEnd();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(metrics())
                        .contains("tributary_stream_lag_records{query=\"users\",partition=\"3\"} 0")
                        .contains("tributary_stream_state_entries{query=\"counter\"}")
                        .contains("tributary_stream_query_up{query=\"counter\"} 1"));
    }

    @Test
    @Tag("bad-input-31")
    @Tag("bad-input-35")
    @DisplayName("31, 35 · a topic that may lose records, a checkpoint of another query and other windows end the start"
            + " with 3")
    void whatIsNotOursIsRefusedAtTheStart(@TempDir Path folder) throws Exception {
        // Given
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap()))) {
            admin.createTopics(List.of(new NewTopic("compacted", 2, (short) 1)
                            .configs(Map.of("cleanup.policy", "compact", "retention.ms", "60000"))))
                    .all()
                    .get();
        }
        Path foreign = Files.createDirectories(folder.resolve("foreign/counter/offsets"));
        Files.writeString(foreign.resolve("0"), "v1\n{}\n{\"other.topic\":{\"0\":3}}");
        // When
        Process onAnyTopic = stream(folder.resolve("a"), "STREAM_TOPIC", "compacted", "STREAM_REQUIRE_TOPIC", "strict");
        Process onForeign = stream(folder.resolve("foreign"), "STREAM_REQUIRE_TOPIC", "lenient");
        Process ofOtherWindows = stream(folder.resolve("b"), "STREAM_WINDOW", "5m");
        String topic = said(onAnyTopic);
        String checkpoint = said(onForeign);
        String windows = said(ofOtherWindows);
        // Then
        assertThat(onAnyTopic.exitValue()).as(topic).isEqualTo(3);
        assertThat(topic).contains("has 2 partitions", "is compacted", "(retention.ms)", "topic compacted");
        assertThat(onForeign.exitValue()).as(checkpoint).isEqualTo(3);
        assertThat(checkpoint).contains("is of another query than counter", "STREAM_CHECKPOINT_DIR");
        assertThat(ofOtherWindows.exitValue()).as(windows).isEqualTo(3);
        assertThat(windows).contains("Cassandra holds windows of PT1M and STREAM_WINDOW is PT5M", "truncate");
    }

    @Test
    void inRealTimeModeUsersAreWrittenAsTheyCome(@TempDir Path folder) throws Exception {
        // Given
        String topic = realTimeTopic();
        Instant start = Pages.START.plus(Duration.ofHours(10));
        List<UserEvent> before = Pages.page(run, 1, 100, start, new Random(13));
        List<UserEvent> later = Pages.page(run, 2, 100, start, new Random(14));
        publish(topic, before);
        // When
        Process realTime = inRealTime(topic, folder);
        try {
            awaitCounted(before);
            publish(topic, later);
            producer.send(new ProducerRecord<>(topic, "key", new byte[] {7, 7, 7, 7, 7, 7}))
                    .get();
            awaitCounted(all(before, later));
            // Then
            await("the dead letter")
                    .atMost(PATIENCE)
                    .until(() -> deadLetters().stream()
                            .anyMatch(letter -> header(letter, "topic").equals(topic)));
            assertTables(all(before, later));
        } finally {
            realTime.destroyForcibly().waitFor();
        }
    }

    @Test
    @Tag("chaos")
    void inRealTimeModeWhatWasTrimmedIsPassed(@TempDir Path folder) throws Exception {
        // Given
        String topic = realTimeTopic();
        Instant start = Pages.START.plus(Duration.ofHours(11));
        List<UserEvent> before = Pages.page(run, 1, 100, start, new Random(13));
        List<UserEvent> last = Pages.page(run, 3, 100, start, new Random(16));
        publish(topic, before);
        Process first = inRealTime(topic, folder);
        try {
            awaitCounted(before);
        } finally {
            first.destroyForcibly().waitFor();
        }
        publish(topic, Pages.page(run, 2, 100, start, new Random(15)));
        trim(topic);
        publish(topic, last);
        // When
        Process second = inRealTime(topic, folder);
        try {
            awaitCounted(all(before, last));
        } finally {
            second.destroyForcibly().waitFor();
        }
        // Then
        assertTables(all(before, last));
    }

    private String realTimeTopic() throws Exception {
        String topic = "real.time." + run;
        createTopic(topic);
        return topic;
    }

    private static Process inRealTime(String topic, Path checkpoints) throws IOException {
        return stream(
                checkpoints,
                "STREAM_TOPIC",
                topic,
                "STREAM_REAL_TIME",
                "5s",
                "STREAM_TOPIC_PARTITIONS",
                "2",
                "STREAM_GROUP",
                topic);
    }

    @SafeVarargs
    private static List<UserEvent> all(List<UserEvent>... pages) {
        return Arrays.stream(pages).flatMap(List::stream).toList();
    }

    @Test
    void aRebuildOutranksWhatStandsAndHoursAndDaysAreSumsOfTheWindows(@TempDir Path scratch) throws Exception {
        // Given
        Instant start = Pages.START.plus(Duration.ofHours(8));
        List<UserEvent> users = pages(3, start, new Random(11));
        publish(users);
        awaitCounted(users);
        UserEvent first = users.get(0);
        plant(first, "ZZ", 7); // a group that nobody would be in by now
        plant(first, first.user().nationality(), 999);
        String replay = "replay." + run;
        createTopic(replay);
        publish(replay, users);
        publish(replay, Pages.page(run, 40, 100, start, new Random(12)).subList(0, 50)); // not whole
        StreamSettings settings = StreamSettings.read(Map.of(
                "STREAM_CHECKPOINT_DIR", scratch.toString(),
                "STREAM_KAFKA_BOOTSTRAP", bootstrap(),
                "STREAM_CASSANDRA_CONTACT", stack.contact(),
                "STREAM_REGISTRY_URL",
                        stack.parts().addresses().registryUrl().orElseThrow().toString()));
        SparkSession spark = StreamSession.begin(settings, scratch);
        try {
            // When
            Rebuild.Outcome rebuilt = new Rebuild(spark, settings, stack.cassandra()).run(replay);
            Rebuild.Outcome again = new Rebuild(spark, settings, stack.cassandra()).run(replay);
            LocalDate day = LocalDate.ofInstant(start, ZoneOffset.UTC);
            Rollup.Outcome rolled = new Rollup(spark, settings, stack.cassandra()).run(day, day.plusDays(1));
            // Then
            assertThat(rebuilt.pages()).isEqualTo(3);
            assertThat(rebuilt.users()).isEqualTo(users.size());
            assertThat(rebuilt.left()).as("the page that is not whole").isEqualTo(1);
            assertThat(rebuilt.removed()).isEqualTo(1);
            assertThat(again.generation()).isEqualTo(rebuilt.generation() + 1);
            assertThat(again.removed()).isZero();
            assertTables(users);
            assertThat(rolled.windows()).isPositive();
            assertThat(rolled.days()).isEqualTo(1);
            assertThat(rollup("hour", start.truncatedTo(ChronoUnit.HOURS))).isEqualTo(byGroup(users));
            assertThat(rollup("day", start.truncatedTo(ChronoUnit.DAYS)).values().stream()
                            .mapToLong(sums -> sums.get(0))
                            .sum())
                    .isGreaterThanOrEqualTo(users.size());
        } finally {
            spark.stop();
        }
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
        publish(TOPIC, users);
    }

    private void publish(String topic, List<UserEvent> users) {
        List<Future<RecordMetadata>> answers = new ArrayList<>();
        for (UserEvent user : users) {
            answers.add(producer.send(
                    new ProducerRecord<>(topic, user.user().userId().toString(), framed(user))));
        }
        producer.flush();
        for (Future<RecordMetadata> answer : answers) {
            assertThat(answer).succeedsWithin(Duration.ofSeconds(1));
        }
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
                    .containsAll(users.stream()
                            .map(StreamMainIT::minute)
                            .filter(window ->
                                    LocalDate.ofInstant(window, ZoneOffset.UTC).equals(day))
                            .distinct()
                            .toList());
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
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(committed(admin)).isEqualTo(ends(admin)));
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

    private static void awaitDeadLetters(String reason, int schema, int letters) {
        await().atMost(PATIENCE)
                .until(() -> deadLetters().stream()
                                .filter(letter -> header(letter, "reason").equals(reason))
                                .filter(letter -> header(letter, "message").contains(" " + schema))
                                .map(ConsumerRecord::key)
                                .distinct()
                                .count()
                        == letters);
    }

    /** By reason, of the process that runs now. */
    private static Map<String, Long> deadLetterMetrics() throws Exception {
        Map<String, Long> counts = new HashMap<>();
        Matcher sample = Pattern.compile("tributary_stream_dead_letters_total\\{reason=\"(\\w+)\"} (\\d+)")
                .matcher(metrics());
        while (sample.find()) {
            counts.put(sample.group(1), Long.valueOf(sample.group(2)));
        }
        return counts;
    }

    private static String metrics() throws Exception {
        URI url = URI.create(stack.parts().addresses().streamUrl().orElseThrow() + "/metrics");
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    /** As a user calls it; gives the one line of JSON. */
    private static JsonNode etl(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                java(),
                "-XX:TieredStopAtLevel=1",
                TEMPORARY,
                "-Dtributary.home=" + Path.of("..").toRealPath(),
                "-cp",
                System.getProperty("java.class.path"),
                "io.tributary.etl.Etl"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--bootstrap", bootstrap(), "--json"));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return new ObjectMapper().readTree(said.lines().reduce((a, b) -> b).orElseThrow());
    }

    /** The stream once more, against the same servers. */
    private static Process stream(Path checkpoints, String... environment) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(java());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--add-opens") || argument.startsWith("-Djdk"))
                .toList());
        command.addAll(List.of(
                "-XX:TieredStopAtLevel=1",
                TEMPORARY,
                "-cp",
                System.getProperty("java.class.path"),
                "io.tributary.stream.StreamMain"));
        ProcessBuilder process = new ProcessBuilder(command).redirectErrorStream(true);
        Map<String, String> all = process.environment();
        all.put("SPARK_LOCAL_IP", "127.0.0.1");
        all.put("STREAM_KAFKA_BOOTSTRAP", bootstrap());
        all.put("STREAM_CASSANDRA_CONTACT", stack.contact());
        all.put(
                "STREAM_REGISTRY_URL",
                stack.parts().addresses().registryUrl().orElseThrow().toString());
        all.put("STREAM_CHECKPOINT_DIR", checkpoints.toString());
        all.put("STREAM_HTTP_PORT", "0");
        for (int i = 0; i < environment.length; i += 2) {
            all.put(environment[i], environment[i + 1]);
        }
        return process.start();
    }

    private static String said(Process process) throws Exception {
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).as(said).isTrue();
        return said;
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** A row of the first generation, as a decoder with another meaning may have left it. */
    private void plant(UserEvent event, String nationality, int users) {
        stack.cassandra()
                .execute(
                        "INSERT INTO tributary.window_users (window_start, nationality, gender, run_id, page, users,"
                                + " aged, age_sum) VALUES (?, ?, ?, ?, ?, ?, 0, 0) USING TIMESTAMP ?",
                        minute(event),
                        nationality,
                        event.user().gender(),
                        run,
                        event.page(),
                        users,
                        WriteTime.of(1, Micros.of(event.capturedAt()), 4_999));
    }

    /** A producer that is faster than a new partition's leader waits for its delivery to time out (KAFKA-15591). */
    private static void createTopic(String name) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap()))) {
            admin.createTopics(List.of(new NewTopic(name, 2, (short) 1))).all().get();
            Map<TopicPartition, OffsetSpec> ends = Map.of(
                    new TopicPartition(name, 0), OffsetSpec.latest(), new TopicPartition(name, 1), OffsetSpec.latest());
            await("leaders of " + name)
                    .ignoreExceptions()
                    .untilAsserted(() ->
                            assertThat(admin.listOffsets(ends).all().get()).hasSize(2));
        }
    }

    private static Map<List<Object>, List<Long>> rollup(String size, Instant from) {
        Map<List<Object>, List<Long>> sums = new HashMap<>();
        stack.cassandra()
                .execute("SELECT * FROM tributary.rollup_users WHERE size = ? AND window_start = ?", size, from)
                .forEach(row -> sums.put(
                        List.of(row.getString("nationality"), row.getString("gender")),
                        List.of(row.getLong("users"), row.getLong("aged"), row.getLong("age_sum"))));
        return sums;
    }

    private static Map<List<Object>, List<Long>> byGroup(List<UserEvent> users) {
        Map<List<Object>, List<Long>> sums = new HashMap<>();
        expectedWindows(users).forEach((key, more) -> add(sums, key.subList(1, 3), more));
        return sums;
    }

    private static Path checkpoint() {
        return stack.folder().resolve("stream").resolve("checkpoint");
    }

    private long countedUsers() {
        return pageSums().values().stream().mapToLong(sums -> (int) sums.get(0)).sum();
    }

    /** What {@code kafka-consumer-groups} would show, in all. */
    private static long groupLag() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap()))) {
            Map<TopicPartition, Long> committed = committed(admin);
            return ends(admin).entrySet().stream()
                    .mapToLong(end -> Math.max(0, end.getValue() - committed.getOrDefault(end.getKey(), 0L)))
                    .sum();
        }
    }

    private static Map<TopicPartition, Long> committed(Admin admin) throws Exception {
        Map<TopicPartition, Long> committed = new HashMap<>();
        admin.listConsumerGroupOffsets("tributary-stream")
                .partitionsToOffsetAndMetadata()
                .get()
                .forEach((partition, offset) -> committed.put(partition, offset.offset()));
        return committed;
    }

    private static Map<TopicPartition, Long> ends(Admin admin) throws Exception {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        for (int partition = 0; partition < 4; partition++) {
            asked.put(new TopicPartition(TOPIC, partition), OffsetSpec.latest());
        }
        Map<TopicPartition, Long> ends = new HashMap<>();
        admin.listOffsets(asked).all().get().forEach((partition, end) -> ends.put(partition, end.offset()));
        return ends;
    }

    /** Everything that is there now is gone. */
    private static void trim(String topic) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap()))) {
            admin.deleteRecords(Map.of(
                            new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(-1),
                            new TopicPartition(topic, 1), RecordsToDelete.beforeOffset(-1)))
                    .all()
                    .get();
        }
    }

    private static void trimHalf() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap()))) {
            Map<TopicPartition, RecordsToDelete> half = new HashMap<>();
            ends(admin).forEach((partition, end) -> half.put(partition, RecordsToDelete.beforeOffset(end / 2)));
            admin.deleteRecords(half).all().get();
        }
    }

    private static String header(ConsumerRecord<String, byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private static String bootstrap() {
        return stack.parts().addresses().kafkaBootstrap().orElseThrow();
    }
}
