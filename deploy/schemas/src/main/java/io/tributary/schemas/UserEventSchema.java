package io.tributary.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.apache.avro.Schema;

/** The pinned schema of a user event. Its version changes only together with the encoder's. */
public final class UserEventSchema {
    /** Version of the schema and of the encoding that digests are taken over; pinned on each captured page. */
    public static final short VERSION = 1;

    private static final Schema SCHEMA = read("/avro/user-event.avsc");

    private UserEventSchema() {}

    /** The schema that events are written with and read into. */
    public static Schema schema() {
        return SCHEMA;
    }

    /** The registry's subject of a topic's values. */
    public static String subjectOf(String topic) {
        return topic + "-value";
    }

    private static Schema read(String resource) {
        try (InputStream in = UserEventSchema.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("resource " + resource + " is missing from the jar");
            }
            return new Schema.Parser().parse(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
