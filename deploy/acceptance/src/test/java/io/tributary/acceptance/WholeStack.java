package io.tributary.acceptance;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.embedded.Addresses;
import io.tributary.embedded.EmbeddedStack;
import io.tributary.embedded.StackListener;
import io.tributary.embedded.StackOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/** The stack in a folder of its own, and what a user asks of its control API. */
final class WholeStack implements AutoCloseable {
    static final Path HOME = Path.of("../..").toAbsolutePath().normalize();

    private static final Duration PATIENCE = Duration.ofMinutes(6);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final EmbeddedStack stack;
    private final Path dir;

    WholeStack(StackOptions options) {
        dir = options.dataDir();
        stack = EmbeddedStack.start(options, StackListener.SILENT);
    }

    static StackOptions options(Path dir) {
        return StackOptions.of(HOME).withDataDir(dir).withSourceQuota(0);
    }

    /** Where it keeps its data, as {@code --data} of the command line. */
    Path dir() {
        return dir;
    }

    EmbeddedStack servers() {
        return stack;
    }

    Addresses addresses() {
        return stack.addresses();
    }

    Stores stores() {
        return new Stores(stack.addresses());
    }

    /** Starts a run and gives its id. */
    UUID startRun(int users, int pageSize) throws IOException, InterruptedException {
        String body = JSON.createObjectNode()
                .put("windowStart", Instant.parse("2026-01-01T00:00:00Z").toString())
                .put("windowEnd", Instant.parse("2026-01-01T00:05:00Z").toString())
                .put("users", users)
                .put("pageSize", pageSize)
                .toString();
        HttpRequest request = HttpRequest.newBuilder(api("/api/v1/runs"))
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .timeout(Duration.ofSeconds(30))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 201) {
            throw new IllegalStateException("POST /runs: " + answer.statusCode() + " " + answer.body());
        }
        return UUID.fromString(JSON.readTree(answer.body()).get("id").asText());
    }

    JsonNode run(UUID run) throws IOException, InterruptedException {
        return get(api("/api/v1/runs/" + run), Duration.ofSeconds(10));
    }

    JsonNode reconciliation(UUID run, boolean deep) throws IOException, InterruptedException {
        return get(api("/api/v1/runs/" + run + "/reconciliation?deep=" + deep), Duration.ofMinutes(5));
    }

    /** Waits until the run is complete and the stream has counted all of it. */
    void awaitSettled(UUID run, int users) {
        await("run " + run + " complete and counted")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(250))
                .ignoreExceptions() // a server may be away
                .until(() -> {
                    JsonNode now = run(run);
                    return now.get("state").asText().equals("COMPLETE")
                            && now.at("/progress/counted").asLong(-1) == users;
                });
    }

    /** Waits until the stream has written every user too, which it does beside the counting. */
    void awaitWritten() {
        await("the stream has passed the whole topic")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .until(stores()::lagOfStream, lag -> lag == 0);
    }

    /** What Prometheus would read from the ingest service. */
    String metrics() throws IOException, InterruptedException {
        return text(api("/metrics"), Duration.ofSeconds(10));
    }

    JsonNode sourceStats() throws IOException, InterruptedException {
        URI source = stack.addresses().sourceUrl().orElseThrow();
        return get(source.resolve("/_control/stats"), Duration.ofSeconds(10));
    }

    /** What the source does wrong from now on, see the stand-in's control endpoint. */
    void sourceFaults(String json) throws IOException, InterruptedException {
        URI source = stack.addresses().sourceUrl().orElseThrow();
        HttpRequest request = HttpRequest.newBuilder(source.resolve("/_control/faults"))
                .timeout(Duration.ofSeconds(10))
                .PUT(HttpRequest.BodyPublishers.ofString(json))
                .build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 204) {
            throw new IOException("PUT faults: " + answer.statusCode() + " " + answer.body());
        }
    }

    /** What the service says of its dependencies, ready or not. */
    JsonNode ready() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(api("/health/ready"))
                .timeout(Duration.ofSeconds(10))
                .build();
        return JSON.readTree(
                http.send(request, HttpResponse.BodyHandlers.ofString()).body());
    }

    /** To a part and the processes it started; kept apart from {@link EmbeddedStack}, which would see a death. */
    void signal(String signal, EmbeddedStack.Part part) throws IOException, InterruptedException {
        Signals.send(signal, Signals.family(stack.pid(part)));
    }

    private URI api(String path) {
        return URI.create(stack.addresses().ingestUrl().orElseThrow() + path);
    }

    private JsonNode get(URI uri, Duration timeout) throws IOException, InterruptedException {
        return JSON.readTree(text(uri, timeout));
    }

    private String text(URI uri, Duration timeout) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri).timeout(timeout).build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException("GET " + uri + ": " + answer.statusCode() + " " + answer.body());
        }
        return answer.body();
    }

    @Override
    public void close() {
        stack.close();
    }
}
