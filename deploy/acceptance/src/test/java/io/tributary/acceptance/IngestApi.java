package io.tributary.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.UUID;

/**
 * What is asked of one ingest service over its control API.
 *
 * @param base where it answers
 * @param patience for one answer, reconciliation excepted
 */
record IngestApi(URI base, Duration patience) {
    private static final Duration RECONCILED_WITHIN = Duration.ofMinutes(5);

    /** A run of 2026's first five minutes under this key, also one that is there already: its id. */
    UUID create(String key, int users, int pageSize) throws IOException, InterruptedException {
        String body = Http.JSON
                .createObjectNode()
                .put("windowStart", "2026-01-01T00:00:00Z")
                .put("windowEnd", "2026-01-01T00:05:00Z")
                .put("users", users)
                .put("pageSize", pageSize)
                .toString();
        HttpRequest.Builder asked = HttpRequest.newBuilder(at("/api/v1/runs"))
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", key)
                .POST(BodyPublishers.ofString(body));
        return UUID.fromString(Http.JSON
                .readTree(Http.text(asked, patience, 201, 200))
                .get("id")
                .asText());
    }

    JsonNode run(UUID run) throws IOException, InterruptedException {
        return Http.json(at("/api/v1/runs/" + run), patience, 200);
    }

    JsonNode reconciliation(UUID run, boolean deep) throws IOException, InterruptedException {
        return Http.json(at("/api/v1/runs/" + run + "/reconciliation?deep=" + deep), RECONCILED_WITHIN, 200);
    }

    /** What Prometheus would read. */
    String metrics() throws IOException, InterruptedException {
        return Http.text(HttpRequest.newBuilder(at("/metrics")), patience, 200);
    }

    /** What the service says of its dependencies, ready or not. */
    JsonNode ready() throws IOException, InterruptedException {
        return Http.json(at("/health/ready"), patience, 200, 503);
    }

    private URI at(String path) {
        return URI.create(base + path);
    }
}
