package io.tributary.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.acceptance.ChaosSchedule.Victim;
import io.tributary.embedded.Addresses;
import io.tributary.embedded.EmbeddedStack;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackListener;
import io.tributary.embedded.StackOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** PostgreSQL, Kafka, registry and source once, and three ingest services that share the runs. */
final class ThreeIngests implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    /** The first has the servers too. */
    private final List<EmbeddedStack> stacks = new ArrayList<>();

    /**
     * Starts them.
     *
     * @param lease how long a page is held without a renewal
     */
    ThreeIngests(Path dir, Duration lease) {
        try {
            EmbeddedStack servers = EmbeddedStack.start(
                    ingest(dir.resolve("1"), 1, lease)
                            .withParts(Set.of(Part.POSTGRES, Part.KAFKA, Part.REGISTRY, Part.SOURCE, Part.INGEST))
                            .withSourceQuota(0),
                    StackListener.SILENT);
            stacks.add(servers);
            for (int number = 2; number <= 3; number++) {
                StackOptions more = ingest(dir.resolve(Integer.toString(number)), number, lease);
                stacks.add(EmbeddedStack.start(beside(servers.addresses(), more), StackListener.SILENT));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static StackOptions ingest(Path dir, int number, Duration lease) {
        return StackOptions.of(WholeStack.HOME)
                .withDataDir(dir)
                .withEnv(Part.INGEST, "INGEST_INSTANCE", "ingest-" + number)
                .withEnv(Part.INGEST, "INGEST_LEASE", lease.toSeconds() + "s");
    }

    private static StackOptions beside(Addresses servers, StackOptions ingest) {
        Addresses.Postgres postgres = servers.postgres().orElseThrow();
        return ingest.withParts(Set.of(Part.INGEST))
                .withSourceUrl(servers.sourceUrl().orElseThrow())
                .withEnv(Part.INGEST, "INGEST_POSTGRES_PORT", Integer.toString(postgres.port()))
                .withEnv(
                        Part.INGEST,
                        "INGEST_POSTGRES_PASSWORD_FILE",
                        postgres.passwordFile().toString())
                .withEnv(
                        Part.INGEST,
                        "INGEST_KAFKA_BOOTSTRAP",
                        servers.kafkaBootstrap().orElseThrow())
                .withEnv(
                        Part.INGEST,
                        "INGEST_REGISTRY_URL",
                        servers.registryUrl().orElseThrow().toString());
    }

    /** Has the source answer so slowly that there is always a page on its way. */
    void slowSource(int bytesPerSecond) throws IOException, InterruptedException {
        URI source = addresses().sourceUrl().orElseThrow();
        HttpRequest request = HttpRequest.newBuilder(source.resolve("/_control/faults"))
                .PUT(HttpRequest.BodyPublishers.ofString(
                        "[{\"kind\":\"slow-bytes\",\"times\":0,\"amount\":" + bytesPerSecond + "}]"))
                .build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 204) {
            throw new IOException("PUT faults: " + answer.statusCode() + " " + answer.body());
        }
    }

    Addresses addresses() {
        return stacks.get(0).addresses();
    }

    /** The log of each instance: what it acknowledged, outside of every store. */
    List<Path> logs() {
        return stacks.stream().map(stack -> stack.log(Part.INGEST)).toList();
    }

    /** SIGKILL, once the victim is up (again). */
    void kill(Victim victim) throws InterruptedException {
        EmbeddedStack stack = stackOf(victim);
        stack.awaitReady(partOf(victim));
        stack.kill(partOf(victim));
    }

    /** The processes of the victim: its own first, then those it started. */
    List<ProcessHandle> processes(Victim victim) throws InterruptedException {
        EmbeddedStack stack = stackOf(victim);
        stack.awaitReady(partOf(victim));
        return Signals.family(stack.pid(partOf(victim)));
    }

    void awaitReady() throws InterruptedException {
        for (Victim victim : Victim.values()) {
            stackOf(victim).awaitReady(partOf(victim));
        }
    }

    private EmbeddedStack stackOf(Victim victim) {
        return switch (victim) {
            case INGEST_2 -> stacks.get(1);
            case INGEST_3 -> stacks.get(2);
            case INGEST_1, KAFKA, POSTGRES -> stacks.get(0);
        };
    }

    private static Part partOf(Victim victim) {
        return switch (victim) {
            case INGEST_1, INGEST_2, INGEST_3 -> Part.INGEST;
            case KAFKA -> Part.KAFKA;
            case POSTGRES -> Part.POSTGRES;
        };
    }

    /** One attempt to create a run at one of the instances: its id, or an error after which the same key is sent again. */
    UUID create(int instance, String key, int users, int pageSize) throws IOException, InterruptedException {
        String body = JSON.createObjectNode()
                .put("windowStart", "2026-01-01T00:00:00Z")
                .put("windowEnd", "2026-01-01T00:05:00Z")
                .put("users", users)
                .put("pageSize", pageSize)
                .toString();
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(api(instance, "/api/v1/runs"))
                        .header("Content-Type", "application/json")
                        .header("Idempotency-Key", key)
                        .timeout(PATIENCE)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 201 && answer.statusCode() != 200) {
            throw new IOException("POST /runs: " + answer.statusCode() + " " + answer.body());
        }
        return UUID.fromString(JSON.readTree(answer.body()).get("id").asText());
    }

    /** The state of a run, asked of any instance that answers. */
    String state(UUID run) throws IOException, InterruptedException {
        IOException last = new IOException("nobody asked");
        for (int instance = 0; instance < stacks.size(); instance++) {
            try {
                return get(instance, "/api/v1/runs/" + run).get("state").asText();
            } catch (IOException e) {
                last = e;
            }
        }
        throw last;
    }

    private JsonNode get(int instance, String path) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(api(instance, path)).timeout(PATIENCE).build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException("GET " + path + ": " + answer.statusCode() + " " + answer.body());
        }
        return JSON.readTree(answer.body());
    }

    private URI api(int instance, String path) {
        return URI.create(
                stacks.get(instance % stacks.size()).addresses().ingestUrl().orElseThrow() + path);
    }

    @Override
    public void close() {
        for (int last = stacks.size() - 1; last >= 0; last--) {
            stacks.get(last).close();
        }
    }
}
