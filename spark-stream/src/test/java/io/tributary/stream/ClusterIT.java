package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.datastax.oss.driver.api.core.DriverException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.schemas.SchemaRegistry;
import io.tributary.schemas.UserEvent;
import io.tributary.schemas.UserEventEncoder;
import io.tributary.schemas.UserEventSchema;
import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The stream on a cluster of its own: two masters that recover through ZooKeeper, two workers, begun by spark-submit. */
@Tag("chaos")
class ClusterIT {
    private static final String TOPIC = "randomuser.users";
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private final UUID run = UUID.randomUUID();

    @Test
    void theStandbyLeadsWhenTheLeaderDiesAndReplacesAnExecutorThatDiesAfterwards() throws Exception {
        try (Stack stack = Stack.start(
                Part.KAFKA,
                Part.REGISTRY,
                Part.CASSANDRA,
                Part.ZOOKEEPER,
                Part.MASTER,
                Part.STANDBY,
                Part.WORKER_1,
                Part.WORKER_2,
                Part.STREAM)) {
            // Given
            publish(stack, 1);
            awaitCounted(stack, 3_000);
            Part leader =
                    state(stack, Part.MASTER).path("status").asText().equals("ALIVE") ? Part.MASTER : Part.STANDBY;
            Part standby = leader == Part.MASTER ? Part.STANDBY : Part.MASTER;
            assertThat(state(stack, standby).path("status").asText()).isEqualTo("STANDBY");
            // When
            stack.parts().kill(leader);
            // Then
            long killed = System.nanoTime();
            await("the standby leads, with the workers and the application")
                    .atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> leads(state(stack, standby)));
            System.out.println("failover_ms="
                    + Duration.ofNanos(System.nanoTime() - killed).toMillis());
            Set<Long> before = executors(stack);
            long victim = before.iterator().next();
            ProcessHandle.of(victim).orElseThrow().destroyForcibly();
            await("another executor takes its place")
                    .atMost(PATIENCE)
                    .until(() -> executors(stack).stream().anyMatch(pid -> !before.contains(pid)));
            publish(stack, 4);
            awaitCounted(stack, 6_000);
        }
    }

    private static boolean leads(JsonNode master) {
        return master.path("status").asText().equals("ALIVE")
                && master.path("aliveworkers").asInt() == 2
                && master.path("activeapps").path(0).path("state").asText().equals("RUNNING");
    }

    /** What a master says of itself and of its cluster. */
    private static JsonNode state(Stack stack, Part master) throws IOException, InterruptedException {
        Properties ports = new Properties();
        try (Reader file = Files.newBufferedReader(stack.folder().resolve("ports.properties"))) {
            ports.load(file);
        }
        URI url = URI.create("http://127.0.0.1:" + ports.getProperty(master.label() + "_ui") + "/json/");
        HttpRequest request =
                HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(10)).build();
        return new ObjectMapper()
                .readTree(HttpClient.newHttpClient()
                        .send(request, HttpResponse.BodyHandlers.ofString())
                        .body());
    }

    private static Set<Long> executors(Stack stack) {
        Set<Long> executors = new TreeSet<>();
        for (Part worker : List.of(Part.WORKER_1, Part.WORKER_2)) {
            ProcessHandle.of(stack.parts().pid(worker))
                    .orElseThrow()
                    .descendants()
                    .filter(process -> process.info().commandLine().orElse("").contains("CoarseGrainedExecutorBackend"))
                    .forEach(process -> executors.add(process.pid()));
        }
        return executors;
    }

    /** Three pages of 1,000. */
    private void publish(Stack stack, int firstPage) throws Exception {
        int schema = new SchemaRegistry(stack.parts().addresses().registryUrl().orElseThrow(), Duration.ofSeconds(30))
                .register(UserEventSchema.subjectOf(TOPIC), UserEventSchema.schema())
                .get();
        UserEventEncoder encoder = new UserEventEncoder();
        List<UserEvent> users = new ArrayList<>();
        for (int page = firstPage; page < firstPage + 3; page++) {
            users.addAll(Pages.page(run, page, 1_000, new Random(page)));
        }
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        stack.parts().addresses().kafkaBootstrap().orElseThrow(),
                        "acks",
                        "all"),
                new StringSerializer(),
                new ByteArraySerializer())) {
            for (UserEvent user : users) {
                producer.send(new ProducerRecord<>(
                        TOPIC, user.user().userId().toString(), UserEventEncoder.framed(schema, encoder.body(user))));
            }
        }
    }

    private void awaitCounted(Stack stack, int users) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(300))
                .ignoreExceptionsInstanceOf(DriverException.class)
                .until(
                        () -> stack
                                .cassandra()
                                .execute("SELECT users FROM tributary.page_sums WHERE run_id = " + run)
                                .all()
                                .stream()
                                .mapToInt(row -> row.getInt("users"))
                                .sum(),
                        counted -> counted == users);
    }
}
