package io.tributary.ingest.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.buffer.Buffer;
import java.util.Map;

/** One complete HTTP answer. */
record Answer(int status, String contentType, Buffer body, Map<String, String> headers) {
    static Answer json(int status, JsonNode body) {
        return json(status, body, Map.of());
    }

    static Answer json(int status, JsonNode body, Map<String, String> headers) {
        return new Answer(status, "application/json", RunJson.bytes(body), headers);
    }

    static Answer text(String contentType, String body) {
        return new Answer(200, contentType, Buffer.buffer(body), Map.of());
    }
}
