package io.tributary.schemas;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.jspecify.annotations.Nullable;

/**
 * User events to bytes, always the same bytes for the same event: Avro binary in the schema's field order, written field
 * by field. Not for use by two threads at once; one encoder a page.
 */
public final class UserEventEncoder {
    /** Bytes in front of the Avro body in the Confluent wire format: a zero and the schema id, big endian. */
    public static final int HEADER_BYTES = 5;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    /** With a buffer of its own: each single write to the stream would take a lock. */
    private final BinaryEncoder avro = EncoderFactory.get().binaryEncoder(bytes, null);

    /** The Avro body of an event, without header: what the digest is taken over. */
    public byte[] body(UserEvent event) {
        try {
            avro.flush(); // what is left of an event that could not be written to its end
            bytes.reset();
            write(event);
            avro.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory can not fail", e);
        }
        return bytes.toByteArray();
    }

    /** A body in the Confluent wire format. */
    public static byte[] framed(int schemaId, byte[] body) {
        return ByteBuffer.allocate(HEADER_BYTES + body.length)
                .put((byte) 0)
                .putInt(schemaId)
                .put(body)
                .array();
    }

    private void write(UserEvent event) throws IOException {
        User user = event.user();
        avro.writeString(event.runId().toString());
        avro.writeInt(event.page());
        avro.writeInt(event.position());
        avro.writeInt(event.pageUsers());
        avro.writeLong(micros(event.capturedAt()));
        avro.writeLong(micros(event.windowStart()));
        avro.writeLong(micros(event.windowEnd()));
        avro.writeString(user.userId().toString());
        avro.writeString(user.nationality());
        avro.writeString(user.gender());
        text(user.title());
        text(user.firstName());
        text(user.lastName());
        whole(user.streetNumber());
        text(user.streetName());
        text(user.city());
        text(user.state());
        text(user.country());
        text(user.postcode());
        real(user.latitude());
        real(user.longitude());
        text(user.timezoneOffset());
        text(user.timezone());
        text(user.email());
        text(user.username());
        instant(user.bornAt());
        whole(user.age());
        instant(user.registeredAt());
        whole(user.registeredAge());
        text(user.phone());
        text(user.cell());
        text(user.idName());
        text(user.idValue());
        text(user.picture());
    }

    /** A union of null and a type: first which of the two, then the value. */
    private void nullOr(@Nullable Object value) throws IOException {
        avro.writeIndex(value == null ? 0 : 1);
    }

    private void text(@Nullable String value) throws IOException {
        nullOr(value);
        if (value != null) {
            avro.writeString(value);
        }
    }

    private void whole(@Nullable Integer value) throws IOException {
        nullOr(value);
        if (value != null) {
            avro.writeInt(value);
        }
    }

    private void real(@Nullable Double value) throws IOException {
        nullOr(value);
        if (value != null) {
            avro.writeDouble(value);
        }
    }

    private void instant(@Nullable Instant value) throws IOException {
        nullOr(value);
        if (value != null) {
            avro.writeLong(micros(value));
        }
    }

    private static long micros(Instant instant) {
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / 1_000);
    }
}
