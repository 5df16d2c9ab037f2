package io.tributary.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;

/** The control endpoint of the stand-in source at this address. */
record StandIn(URI source) {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** What it does wrong from now on. */
    void faults(String json) throws IOException, InterruptedException {
        HttpRequest.Builder put =
                HttpRequest.newBuilder(source.resolve("/_control/faults")).PUT(BodyPublishers.ofString(json));
        Http.text(put, PATIENCE, 204);
    }

    /** Has every answer take its time. */
    void slow(int bytesPerSecond) throws IOException, InterruptedException {
        faults("[{\"kind\":\"slow-bytes\",\"times\":0,\"amount\":" + bytesPerSecond + "}]");
    }

    /** What it has seen. */
    JsonNode stats() throws IOException, InterruptedException {
        return Http.json(source.resolve("/_control/stats"), PATIENCE, 200);
    }
}
