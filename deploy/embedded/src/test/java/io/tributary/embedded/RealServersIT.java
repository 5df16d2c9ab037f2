package io.tributary.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import io.tributary.embedded.EmbeddedStack.Part;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** All five servers of one stack: prepared as promised, and whole again after a kill -9 of each. */
@Timeout(300)
final class RealServersIT {
    private static final Set<Part> SERVERS =
            EnumSet.of(Part.POSTGRES, Part.KAFKA, Part.REGISTRY, Part.CASSANDRA, Part.ZOOKEEPER);
    private static final Heard HEARD = new Heard();

    @TempDir
    private static Path folder;

    private static EmbeddedStack stack;

    @BeforeAll
    static void start() {
        stack = EmbeddedStack.start(
                StackOptions.of(Home.find()).withDataDir(folder).withParts(SERVERS), HEARD);
    }

    @AfterAll
    static void nothingIsLeft() throws IOException {
        stack.close();
        Processes.assertNone(folder);
        assertThat(StackFile.read(folder)).isEmpty();
    }

    @Test
    void theStackFileTellsOthersWhereEverythingIs() throws Exception {
        // When
        StackFile file = StackFile.read(folder).orElseThrow();
        // Then
        assertThat(file.isUp()).isTrue();
        assertThat(file.addresses()).isEqualTo(stack.addresses());
        assertThat(file.pids()).containsOnlyKeys(SERVERS);
        assertThat(file.addresses().ingestUrl()).isEmpty();
        for (Part part : SERVERS) {
            assertThat(stack.readyAfter(part)).isPositive();
        }
    }

    @Test
    void postgresKeepsItsRowsOverAKill() throws Exception {
        // Given
        try (Connection connection = postgres();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE kept (word text)");
            statement.execute("INSERT INTO kept VALUES ('here')");
        }
        // When
        killAndAwait(Part.POSTGRES);
        // Then
        try (Connection connection = postgres();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT word FROM kept")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getString(1)).isEqualTo("here");
        }
    }

    @Test
    void thePasswordIsForItsOwnerAloneAndAskedFor() throws Exception {
        // Given
        Addresses.Postgres address = stack.addresses().postgres().orElseThrow();
        // When / Then
        assertThat(Files.getPosixFilePermissions(address.passwordFile()))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(catchThrowable(() -> DriverManager.getConnection(address.jdbcUrl(), address.user(), "wrong")))
                .hasMessageContaining("password authentication failed");
    }

    @Test
    void kafkaKeepsItsRecordsOverAKillAndHasOurTopics() throws Exception {
        // Given
        try (Producer<String, String> producer =
                new KafkaProducer<>(kafka(Map.of()), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>("randomuser.users.dlq", 0, "key", "here"))
                    .get();
        }
        // When
        killAndAwait(Part.KAFKA);
        // Then
        try (Admin admin = Admin.create(kafka(Map.of()))) {
            Map<String, TopicDescription> topics = admin.describeTopics(
                            List.of("randomuser.users", "randomuser.users.dlq"))
                    .allTopicNames()
                    .get();
            assertThat(topics.get("randomuser.users").partitions()).hasSize(4);
            assertThat(topics.get("randomuser.users.dlq").partitions()).hasSize(1);
        }
        try (Consumer<String, String> consumer = new KafkaConsumer<>(
                kafka(Map.of("auto.offset.reset", "earliest", "enable.auto.commit", "false")),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.assign(List.of(new TopicPartition("randomuser.users.dlq", 0)));
            assertThat(consumer.poll(Duration.ofSeconds(60)))
                    .extracting(record -> record.value())
                    .containsExactly("here");
        }
    }

    @Test
    void theRegistryKeepsItsIdsOverAKillAndIsBackwardCompatible() throws Exception {
        // Given
        String id = post("/subjects/kept-value/versions", "{\"schema\":\"\\\"string\\\"\"}");
        // When
        killAndAwait(Part.REGISTRY);
        // Then
        assertThat(get("/config")).contains("BACKWARD");
        assertThat(get("/schemas/ids/" + id.replaceAll("[^0-9]", ""))).contains("string");
        assertThat(post("/subjects/new-value/versions", "{\"schema\":\"\\\"long\\\"\"}"))
                .isNotEqualTo(id);
    }

    @Test
    void cassandraKeepsItsRowsOverAKillAndHasOurTables() throws Exception {
        // Given
        try (CqlSession session = cassandra()) {
            session.execute("INSERT INTO tributary.stream_state (name, generation) VALUES ('kept', 7)");
        }
        // When
        killAndAwait(Part.CASSANDRA);
        // Then
        try (CqlSession session = cassandra()) {
            assertThat(session.execute("SELECT generation FROM tributary.stream_state WHERE name = 'kept'")
                            .one()
                            .getInt(0))
                    .isEqualTo(7);
        }
    }

    @Test
    void zookeeperComesBackAfterAKill() throws Exception {
        // When
        killAndAwait(Part.ZOOKEEPER);
        // Then
        String[] address = stack.addresses().zookeeper().orElseThrow().split(":");
        assertThat(Asking.fourLetters(Integer.parseInt(address[1]), "ruok")).isEqualTo("imok");
    }

    @Test
    void aServerStoppedOnPurposeStaysDownUntilItIsStarted() throws Exception {
        // Given
        long before = stack.pid(Part.ZOOKEEPER);
        // When
        stack.stop(Part.ZOOKEEPER);
        // Then
        assertThat(ProcessHandle.of(before).filter(Leash::runs)).isEmpty();
        Processes.assertNone(folder.resolve("zookeeper"));
        stack.start(Part.ZOOKEEPER);
        assertThat(stack.pid(Part.ZOOKEEPER)).isNotEqualTo(before);
    }

    private static void killAndAwait(Part part) throws Exception {
        long before = stack.pid(part);
        stack.kill(part);
        stack.awaitReady(part);
        assertThat(stack.pid(part)).isNotEqualTo(before);
        assertThat(StackFile.read(folder).orElseThrow().pids()).containsEntry(part, stack.pid(part));
        assertThat(HEARD.lines).contains(part.label() + " died with 137, log " + stack.log(part));
        assertThat(stack.log(part)).exists();
    }

    private static Connection postgres() throws Exception {
        Addresses.Postgres address = stack.addresses().postgres().orElseThrow();
        return DriverManager.getConnection(
                address.jdbcUrl(),
                address.user(),
                Files.readString(address.passwordFile()).strip());
    }

    private static Map<String, Object> kafka(Map<String, Object> more) {
        return Stream.of(
                        Map.<String, Object>of(
                                "bootstrap.servers",
                                stack.addresses().kafkaBootstrap().orElseThrow()),
                        more)
                .flatMap(settings -> settings.entrySet().stream())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static CqlSession cassandra() {
        String[] address = stack.addresses().cassandraContact().orElseThrow().split(":");
        return CqlSession.builder()
                .addContactPoint(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(address[1])))
                .withLocalDatacenter(stack.addresses().datacenter())
                .withConfigLoader(DriverConfigLoader.programmaticBuilder()
                        .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, Duration.ofSeconds(30))
                        .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, Duration.ofSeconds(15))
                        .build())
                .build();
    }

    private static String get(String path) throws Exception {
        return ask(path, HttpRequest.Builder::GET);
    }

    private static String post(String path, String json) throws Exception {
        return ask(
                path,
                request -> request.header("Content-Type", "application/vnd.schemaregistry.v1+json")
                        .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    private static String ask(String path, Function<HttpRequest.Builder, HttpRequest.Builder> how) throws Exception {
        URI url = URI.create(stack.addresses().registryUrl().orElseThrow() + path);
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(how.apply(HttpRequest.newBuilder(url)).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }
}
