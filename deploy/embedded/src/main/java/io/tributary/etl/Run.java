package io.tributary.etl;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A run as the control API tells it.
 *
 * @param users asked for, of the whole run
 * @param pages planned
 * @param quarantined pages given up
 * @param json the whole answer, for {@code --json}
 */
record Run(
        String id,
        State state,
        String windowStart,
        String windowEnd,
        String createdAt,
        long users,
        int pages,
        int quarantined,
        Progress progress,
        JsonNode json) {
    enum State {
        RUNNING,
        COMPLETE,
        /** Ended with pages in quarantine. */
        INCOMPLETE,
        CANCELLED
    }

    /**
     * How far the users of a run have come.
     *
     * @param counted in Cassandra, or -1 while it is not known
     * @param settled nothing of the run is under way any more, Cassandra included
     */
    record Progress(long captured, long stored, long published, long deadLetters, long counted, boolean settled) {}

    static Run of(JsonNode json) {
        Json.Reader reader = new Json.Reader("run", json);
        Json.Reader progress = reader.object("progress");
        JsonNode counted = json.path("progress").path("counted");
        return new Run(
                reader.text("id"),
                reader.constant("state", State.class),
                reader.text("windowStart"),
                reader.text("windowEnd"),
                json.path("createdAt").asText(""),
                reader.whole("users"),
                (int) reader.whole("pages"),
                json.path("pageStates").path("quarantined").asInt(0),
                new Progress(
                        progress.whole("captured"),
                        progress.whole("stored"),
                        progress.whole("published"),
                        progress.whole("deadLetters"),
                        counted.canConvertToLong() ? counted.longValue() : -1,
                        json.path("progress").path("settled").asBoolean()),
                json);
    }

    /** Why it did not end by itself; empty where it did, or has not ended. */
    String cause() {
        return json.path("cause").asText("");
    }

    boolean isTerminal() {
        return state != State.RUNNING;
    }

    /** Whether nothing of it is under way any more, Cassandra included. */
    boolean isSettled() {
        return progress.settled;
    }
}
