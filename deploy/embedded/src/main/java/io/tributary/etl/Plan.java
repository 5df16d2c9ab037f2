package io.tributary.etl;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What a run would be, as the control API has tried it.
 *
 * @param asked users that were asked for with the first page
 * @param users that came and are well
 * @param deadLetters that came and would be set aside
 * @param bodyBytes of the answer
 * @param subject the schema's name in the registry
 * @param isCompatible whether the registry would take the records' schema
 * @param json the whole answer, for {@code --json}
 */
record Plan(
        long pages,
        long asked,
        long users,
        long deadLetters,
        long bodyBytes,
        String subject,
        boolean isCompatible,
        JsonNode json) {
    static Plan of(JsonNode json) {
        Json.Reader reader = new Json.Reader("plan", json);
        Json.Reader first = reader.object("firstPage");
        Json.Reader schema = reader.object("schema");
        return new Plan(
                reader.whole("pages"),
                first.whole("asked"),
                first.whole("users"),
                first.whole("deadLetters"),
                first.whole("bodyBytes"),
                schema.text("subject"),
                schema.flag("compatible"),
                json);
    }
}
