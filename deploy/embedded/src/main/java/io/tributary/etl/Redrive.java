package io.tributary.etl;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What became of a run's quarantined pages.
 *
 * @param pages that are tried again
 * @param json the whole answer, for {@code --json}
 */
record Redrive(Run run, long pages, JsonNode json) {
    static Redrive of(JsonNode json) {
        return new Redrive(Run.of(json.path("run")), new Json.Reader("redrive", json).whole("pages"), json);
    }
}
