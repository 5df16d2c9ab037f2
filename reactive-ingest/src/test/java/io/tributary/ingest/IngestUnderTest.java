package io.tributary.ingest;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tributary.embedded.Addresses;
import io.tributary.embedded.EmbeddedStack;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackListener;
import io.tributary.embedded.StackOptions;
import io.tributary.randomuser.RandomUserOptions;
import io.tributary.randomuser.RandomUserServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The service as it is started, on real servers, fed by a stand-in of the source that a test can spoil. Cassandra is away. */
final class IngestUnderTest implements AutoCloseable {
    static final String TOPIC = "randomuser.users";
    static final Duration PATIENCE = Duration.ofMinutes(1);

    private static final JsonMapper JSON = new JsonMapper();

    final RandomUserServer source =
            RandomUserServer.start(RandomUserOptions.defaults().withoutQuota());
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final EmbeddedStack stack;
    private final Connection sql;
    private final Admin kafka;

    IngestUnderTest(Path dir) throws IOException, SQLException {
        stack = EmbeddedStack.start(
                StackOptions.of(Path.of(".."))
                        .withDataDir(dir)
                        .withParts(Set.of(Part.POSTGRES, Part.KAFKA, Part.REGISTRY, Part.INGEST))
                        .withSourceUrl(source.apiUri())
                        .withEnv(Part.INGEST, "INGEST_SOURCE_TIMEOUT", "3s"), // a stalled request ends soon
                StackListener.SILENT);
        Addresses.Postgres at = stack.addresses().postgres().orElseThrow();
        sql = DriverManager.getConnection(
                at.jdbcUrl(), at.user(), Files.readString(at.passwordFile()).strip());
        kafka = Admin.create(Map.of("bootstrap.servers", bootstrap()));
    }

    /** A record as it lies in its partition; {@code replay} is its header. */
    record Published(int partition, String key, String value, long timestamp, Optional<String> replay) {
        Published original() {
            return new Published(partition, key, value, timestamp, Optional.empty());
        }
    }

    /** All records of a topic, in no order between its partitions. */
    List<Published> records(String topic) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap()), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<Published> records = new ArrayList<>();
            await().atMost(PATIENCE).until(() -> {
                consumer.poll(Duration.ofMillis(100)).forEach(one -> records.add(published(one)));
                return partitions.stream().allMatch(each -> consumer.position(each) >= ends.get(each));
            });
            return records;
        }
    }

    private static Published published(ConsumerRecord<byte[], byte[]> one) {
        return new Published(
                one.partition(),
                new String(one.key(), StandardCharsets.UTF_8),
                HexFormat.of().formatHex(one.value()),
                one.timestamp(),
                Optional.ofNullable(one.headers().lastHeader("tributary-replay"))
                        .map(header -> new String(header.value(), StandardCharsets.UTF_8)));
    }

    /**
     * Everything that could have been written: each table's rows as a hash, topics with their last offsets, the registry's
     * subjects. Not {@code source_pace}: a page that was fetched is one that the source's quota counts, whoever asked for it.
     */
    Map<String, String> written() throws Exception {
        Map<String, String> found = new TreeMap<>();
        for (String table : texts("select table_name from information_schema.tables where table_schema = 'public'"
                + " and table_name <> 'source_pace'")) {
            found.put(
                    "table " + table,
                    text("select md5(string_agg(t::text, '\n' order by t::text)) from " + table + " t"));
        }
        for (String topic : topics()) {
            found.put("topic " + topic, String.valueOf(records(topic).size()));
        }
        subjects()
                .forEach(subject -> found.put("subject " + subject, get(subject).toString()));
        return found;
    }

    Set<String> topics() throws Exception {
        return new TreeSet<>(kafka.listTopics().names().get());
    }

    /** Makes one of one partition. */
    void makeTopic(String name, Map<String, String> configs) throws Exception {
        kafka.createTopics(List.of(new NewTopic(name, 1, (short) 1).configs(configs)))
                .all()
                .get();
    }

    private Set<String> subjects() {
        Set<String> paths = new TreeSet<>();
        get(registry() + "/subjects")
                .forEach(subject -> paths.add(registry() + "/subjects/" + subject.textValue() + "/versions"));
        return paths;
    }

    List<String> texts(String query) throws SQLException {
        try (Statement statement = sql.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> texts = new ArrayList<>();
            while (rows.next()) {
                texts.add(String.valueOf(rows.getString(1)));
            }
            return texts;
        }
    }

    String text(String query) throws SQLException {
        return texts(query).get(0);
    }

    String bootstrap() {
        return stack.addresses().kafkaBootstrap().orElseThrow();
    }

    URI registry() {
        return stack.addresses().registryUrl().orElseThrow();
    }

    /** A status and, where there is one, a body. */
    record Reply(int status, JsonNode json) {}

    Reply post(String path, String body) {
        return posted(path, "any", body).join();
    }

    /** On a connection of its own where all others are busy. */
    CompletableFuture<Reply> posted(String path, String key, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(api() + path))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", key)
                .POST(BodyPublishers.ofString(body))
                .build();
        return http.sendAsync(request, BodyHandlers.ofString())
                .thenApply(answer -> new Reply(answer.statusCode(), json(answer)));
    }

    JsonNode ask(String path) {
        return get(api() + path);
    }

    private JsonNode get(String address) {
        return http.sendAsync(
                        HttpRequest.newBuilder(URI.create(address))
                                .timeout(PATIENCE)
                                .build(),
                        BodyHandlers.ofString())
                .thenApply(IngestUnderTest::json)
                .join();
    }

    private String api() {
        return stack.addresses().ingestUrl().orElseThrow().toString();
    }

    private static JsonNode json(HttpResponse<String> answer) {
        try {
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new IllegalStateException(answer + " " + answer.body(), e);
        }
    }

    /** Creates a run of 2026's first five minutes and gives its id. */
    String run(String key, int users, int pageSize, String seed) {
        Reply created =
                posted("/api/v1/runs", key, asked(users, pageSize, seed)).join();
        if (created.status() != 201) {
            throw new IllegalStateException(created.toString());
        }
        return created.json().get("id").textValue();
    }

    static String asked(int users, int pageSize, String seed) {
        return """
                {"windowStart":"2026-01-01T00:00:00Z","windowEnd":"2026-01-01T00:05:00Z","users":%d,"pageSize":%d,"seed":"%s"}""".formatted(users, pageSize, seed);
    }

    JsonNode awaitState(String path, String state) {
        return await(path + " is " + state)
                .atMost(PATIENCE)
                .until(
                        () -> ask(path),
                        found -> state.equals(found.path("state").textValue()));
    }

    /** Unordered, with duplicates counted. */
    static <T> Map<T, Long> counted(List<T> all) {
        return all.stream().collect(Collectors.groupingBy(one -> one, Collectors.counting()));
    }

    @Override
    public void close() throws SQLException {
        kafka.close();
        sql.close();
        stack.close();
        source.close();
    }
}
