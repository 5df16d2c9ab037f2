package io.tributary.randomuser;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDate;

/** Makes the JSON of a page. For several threads. */
final class Pages {
    static final String VERSION = "1.4";

    private static final int BYTES_PER_USER = 1200;

    private final JsonFactory factory = new JsonFactory();
    private final Pools pools = new Pools();

    /** A pure function of its arguments; ages are counted to {@code today}. */
    byte[] json(Query query, LocalDate today) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256 + query.results() * BYTES_PER_USER);
        try (JsonGenerator json = factory.createGenerator(out)) {
            json.writeStartObject();
            json.writeArrayFieldStart("results");
            UserWriter users = new UserWriter(pools, query, today, json);
            Draw page = Draw.of(query.bits());
            for (int position = 0; position < query.results(); position++) {
                users.write(page.fork());
            }
            json.writeEndArray();
            if (query.info()) {
                info(query, json);
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static void info(Query query, JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("info");
        json.writeStringField("seed", query.echoedSeed());
        json.writeNumberField("results", query.results());
        json.writeNumberField("page", query.page());
        json.writeStringField("version", VERSION);
        json.writeEndObject();
    }
}
