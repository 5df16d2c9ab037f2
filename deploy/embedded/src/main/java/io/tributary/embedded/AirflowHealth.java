package io.tributary.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What Airflow says of itself. It is asked at most twice a second, however many parts want to know: an answer takes it CPU. */
final class AirflowHealth {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration KEPT = Duration.ofMillis(500);

    private final URI health;
    private @Nullable JsonNode last;
    private long askedNs;

    AirflowHealth(URI api) {
        this.health = URI.create(api + "/api/v2/monitor/health");
    }

    /** Throws where the API server or its database does not answer. */
    void answers() throws IOException, InterruptedException {
        Asking.listening(health.getPort());
        String status = told().at("/metadatabase/status").asText();
        if (!status.equals("healthy")) {
            throw new IOException("Airflow says of its database: " + status);
        }
    }

    /**
     * Throws where the component has not told of itself in this life.
     *
     * @param pidFile written when this life began; a heartbeat of before is its predecessor's
     */
    void beats(String component, Path pidFile) throws IOException, InterruptedException {
        JsonNode said = told().path(component);
        Instant began = Files.getLastModifiedTime(pidFile).toInstant();
        String beat = said.path("latest_" + component + "_heartbeat").asText("");
        if (!said.path("status").asText().equals("healthy")
                || beat.isEmpty()
                || Instant.parse(beat).isBefore(began)) {
            throw new IOException("Airflow says of its " + component + ": " + said);
        }
    }

    private synchronized JsonNode told() throws IOException, InterruptedException {
        long now = System.nanoTime();
        JsonNode known = last;
        if (known == null || now - askedNs > KEPT.toNanos()) {
            askedNs = now;
            last = null;
            known = JSON.readTree(Asking.get(health));
            last = known;
        }
        return known;
    }
}
