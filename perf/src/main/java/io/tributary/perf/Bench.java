package io.tributary.perf;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.embedded.Addresses;
import io.tributary.embedded.EmbeddedStack;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackListener;
import io.tributary.embedded.StackOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** The whole stack in a folder of its own, asked through its own doors; gone when closed. */
final class Bench implements AutoCloseable {
    static final String TOPIC = "randomuser.users";
    private static final String GROUP = "tributary-stream";
    private static final int PARTITIONS = 4;
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final Duration LONGEST = Duration.ofMinutes(15);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final EmbeddedStack stack;
    private final Admin admin;
    private final CqlSession cassandra;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(ANSWER).build();

    private Bench(Path folder, EmbeddedStack stack) {
        this.folder = folder;
        this.stack = stack;
        this.admin = Admin.create(Map.of("bootstrap.servers", kafka(stack.addresses())));
        this.cassandra = session(stack.addresses());
    }

    static Bench start(Path home, Wishes wishes) throws IOException {
        Path folder = Files.createTempDirectory("tributary-perf");
        StackOptions options = StackOptions.of(home).withDataDir(folder).withSourceQuota(0);
        return new Bench(folder, EmbeddedStack.start(wishes.applied(options), StackListener.SILENT));
    }

    private static String kafka(Addresses addresses) {
        return addresses.kafkaBootstrap().orElseThrow();
    }

    private static CqlSession session(Addresses addresses) {
        String[] contact = addresses.cassandraContact().orElseThrow().split(":", -1);
        return CqlSession.builder()
                .addContactPoint(new InetSocketAddress(contact[0], Integer.parseInt(contact[1])))
                .withLocalDatacenter(addresses.datacenter())
                .withConfigLoader(DriverConfigLoader.programmaticBuilder()
                        .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, ANSWER)
                        .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, ANSWER)
                        .withDuration(DefaultDriverOption.CONTROL_CONNECTION_TIMEOUT, ANSWER)
                        .withInt(DefaultDriverOption.CONNECTION_MAX_REQUESTS, 8192)
                        .build())
                .build();
    }

    Addresses addresses() {
        return stack.addresses();
    }

    CqlSession cassandra() {
        return cassandra;
    }

    /** Starts a run; its pages are captured as fast as ingest can. */
    UUID startRun(int users, int pageSize) throws IOException, InterruptedException {
        String body = JSON.createObjectNode()
                .put("windowStart", "2026-01-01T00:00:00Z")
                .put("windowEnd", "2026-01-01T00:05:00Z")
                .put("users", users)
                .put("pageSize", pageSize)
                .toString();
        HttpRequest request = HttpRequest.newBuilder(runs(""))
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .timeout(ANSWER)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return UUID.fromString(asked(request).path("id").asText());
    }

    boolean isComplete(UUID run) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(runs("/" + run)).timeout(ANSWER).build();
        return asked(request).path("state").asText().equals("COMPLETE");
    }

    private URI runs(String more) {
        return URI.create(addresses().ingestUrl().orElseThrow() + "/api/v1/runs" + more);
    }

    private JsonNode asked(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException(request.uri() + ": " + answer.statusCode() + " " + answer.body());
        }
        return JSON.readTree(answer.body());
    }

    /** Records on the topic that the stream has not passed with both of its queries, as its group shows it. */
    long lag() throws ExecutionException, InterruptedException, TimeoutException {
        Map<TopicPartition, Long> passed = new HashMap<>();
        admin.listConsumerGroupOffsets(GROUP)
                .partitionsToOffsetAndMetadata()
                .get(ANSWER.toSeconds(), TimeUnit.SECONDS)
                .forEach((partition, at) -> passed.put(partition, at.offset()));
        long lag = 0;
        for (Map.Entry<TopicPartition, Long> end : ends().entrySet()) {
            lag += end.getValue() - passed.getOrDefault(end.getKey(), 0L);
        }
        return lag;
    }

    private Map<TopicPartition, Long> ends() throws ExecutionException, InterruptedException, TimeoutException {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            asked.put(new TopicPartition(TOPIC, partition), OffsetSpec.latest());
        }
        Map<TopicPartition, Long> ends = new HashMap<>();
        admin.listOffsets(asked)
                .all()
                .get(ANSWER.toSeconds(), TimeUnit.SECONDS)
                .forEach((partition, end) -> ends.put(partition, end.offset()));
        return ends;
    }

    /** Looks every {@code pause} until it is so; throws after 15 minutes. */
    static void until(Duration pause, Check check) throws Exception {
        long deadline = System.nanoTime() + LONGEST.toNanos();
        while (!check.isSo()) {
            if (System.nanoTime() > deadline) {
                throw new IOException("not so within " + LONGEST);
            }
            TimeUnit.MILLISECONDS.sleep(pause.toMillis());
        }
    }

    /** A question that may fail. */
    interface Check {
        boolean isSo() throws Exception;
    }

    /** CPU that each part has taken since its start, in seconds. */
    Map<Part, Double> cpuSeconds() throws IOException {
        Map<Part, Double> seconds = new EnumMap<>(Part.class);
        for (Part part : Part.values()) {
            Long pid = pid(part);
            if (pid != null) {
                seconds.put(part, Machine.cpuSeconds(pid));
            }
        }
        return seconds;
    }

    private @Nullable Long pid(Part part) {
        try {
            return stack.pid(part);
        } catch (IllegalStateException e) { // not part of this stack
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        cassandra.close();
        admin.close();
        stack.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
