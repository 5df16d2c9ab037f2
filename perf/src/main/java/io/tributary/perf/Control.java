package io.tributary.perf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** Runs, by the control API of ingest. */
final class Control {
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI ingest;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(ANSWER).build();

    /** @param ingest without a slash at the end */
    Control(URI ingest) {
        this.ingest = ingest;
    }

    /**
     * Starts a run; its pages are captured as fast as ingest can.
     *
     * @param seed of its pages; empty: one of its own
     */
    UUID start(int users, int pageSize, Optional<String> seed) throws IOException, InterruptedException {
        ObjectNode order = JSON.createObjectNode()
                .put("windowStart", "2026-01-01T00:00:00Z")
                .put("windowEnd", "2026-01-01T00:05:00Z")
                .put("users", users)
                .put("pageSize", pageSize);
        seed.ifPresent(text -> order.put("seed", text));
        HttpRequest request = HttpRequest.newBuilder(runs(""))
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .timeout(ANSWER)
                .POST(HttpRequest.BodyPublishers.ofString(order.toString()))
                .build();
        return UUID.fromString(asked(request).path("id").asText());
    }

    /** Whether both sinks have all its users; throws when the run ended otherwise. */
    boolean isComplete(UUID run) throws IOException, InterruptedException {
        String state = state(run);
        if (!state.equals("COMPLETE") && !state.equals("RUNNING")) {
            throw new IOException("run " + run + " is " + state + ", expected it to complete");
        }
        return state.equals("COMPLETE");
    }

    /** Whether it has ended, and the stream has counted all that it let through. */
    boolean isSettled(UUID run) throws IOException, InterruptedException {
        return shown(run).at("/progress/settled").asBoolean();
    }

    /** From the moment when the ledger had the run planned to the moment when it had it complete, by the ledger's own clock. */
    Duration took(UUID run) throws IOException, InterruptedException {
        JsonNode shown = shown(run);
        return Duration.between(
                Instant.parse(shown.path("createdAt").asText()),
                Instant.parse(shown.path("finishedAt").asText()));
    }

    private String state(UUID run) throws IOException, InterruptedException {
        return shown(run).path("state").asText();
    }

    private JsonNode shown(UUID run) throws IOException, InterruptedException {
        return asked(HttpRequest.newBuilder(runs("/" + run)).timeout(ANSWER).build());
    }

    /** Where all runs are shown, or with what follows one of them. */
    URI runs(String more) {
        return URI.create(ingest + "/api/v1/runs" + more);
    }

    private JsonNode asked(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException(request.uri() + ": " + answer.statusCode() + " " + answer.body());
        }
        return JSON.readTree(answer.body());
    }
}
