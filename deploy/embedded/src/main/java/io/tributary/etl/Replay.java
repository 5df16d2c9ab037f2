package io.tributary.etl;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * A run that is published again, as the control API tells it.
 *
 * @param pages published so far
 * @param pagesTotal of the run, captured or not; empty where it is not told
 * @param records that Kafka acknowledged so far
 * @param cause why it failed
 * @param json the whole answer, for {@code --json}
 */
record Replay(
        String id,
        String run,
        String topic,
        State state,
        long pages,
        Optional<Long> pagesTotal,
        long records,
        Optional<String> cause,
        JsonNode json) {
    enum State {
        RUNNING,
        COMPLETE,
        FAILED,
        /** Ended with its ingest. */
        CANCELLED
    }

    static Replay of(JsonNode json) {
        Json.Reader reader = new Json.Reader("replay", json);
        JsonNode total = json.path("pagesTotal");
        JsonNode cause = json.path("cause");
        return new Replay(
                reader.text("id"),
                reader.text("run"),
                reader.text("topic"),
                reader.constant("state", State.class),
                reader.whole("pages"),
                total.canConvertToLong() ? Optional.of(total.longValue()) : Optional.empty(),
                reader.whole("records"),
                cause.isTextual() ? Optional.of(cause.textValue()) : Optional.empty(),
                json);
    }

    boolean isRunning() {
        return state == State.RUNNING;
    }
}
