package io.tributary.schemas;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntFunction;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.ResolvingDecoder;
import org.jspecify.annotations.Nullable;

/**
 * Bytes in the Confluent wire format to user events: each record is read by the schema it was written with, resolved to
 * the pinned one. Not for use by two threads at once.
 */
public final class UserEventDecoder {
    /** Larger values are refused before they are read. Ours are about 400 bytes. */
    public static final int MAX_VALUE_BYTES = 1024 * 1024;

    /** Why a value is not a user event. */
    public enum Reason {
        EMPTY,
        TOO_LARGE,
        WRONG_MAGIC,
        UNKNOWN_SCHEMA,
        MALFORMED
    }

    /** A value that is not a user event. {@code reason} is for counters, the message for people; neither quotes the value. */
    public static final class Undecodable extends Exception {
        private static final long serialVersionUID = 1;
        private final Reason reason;

        Undecodable(Reason reason, String message, @Nullable Throwable cause) {
            super(message, cause);
            this.reason = reason;
        }

        public Reason reason() {
            return reason;
        }
    }

    private final IntFunction<@Nullable Schema> writerSchemas;
    private final Map<Integer, ResolvingDecoder> resolvers = new HashMap<>();
    private @Nullable BinaryDecoder reused;

    /**
     * A decoder with its own memory of writer schemas.
     *
     * @param writerSchemas from the registry's id to its schema, null where the registry says that there is none; may
     *     throw what it likes when the registry can not be asked: that is not the record's fault and passes through
     */
    public UserEventDecoder(IntFunction<@Nullable Schema> writerSchemas) {
        this.writerSchemas = writerSchemas;
    }

    /** Reads one value, whole: bytes left over are an error. */
    public UserEvent decode(byte @Nullable [] value) throws Undecodable {
        if (value == null || value.length == 0) {
            throw new Undecodable(Reason.EMPTY, "the value is empty", null);
        }
        if (value.length > MAX_VALUE_BYTES) {
            throw new Undecodable(
                    Reason.TOO_LARGE, "the value has " + value.length + " bytes, at most " + MAX_VALUE_BYTES, null);
        }
        if (value.length < UserEventEncoder.HEADER_BYTES || value[0] != 0) {
            throw new Undecodable(Reason.WRONG_MAGIC, "the value is not in the Confluent wire format", null);
        }
        int schemaId = ByteBuffer.wrap(value, 1, Integer.BYTES).getInt();
        ResolvingDecoder resolver = resolverOf(schemaId);
        try {
            int header = UserEventEncoder.HEADER_BYTES;
            BinaryDecoder in = DecoderFactory.get().binaryDecoder(value, header, value.length - header, reused);
            reused = in;
            resolver.configure(in);
            UserEvent event = read(resolver);
            if (!in.isEnd()) {
                throw new Undecodable(Reason.MALFORMED, "bytes are left after the record", null);
            }
            return event;
        } catch (IOException
                | AvroRuntimeException
                | IllegalArgumentException
                | ArithmeticException
                | IndexOutOfBoundsException
                | UnsupportedOperationException
                | StackOverflowError e) { // a field of theirs, nested without end
            resolvers.remove(schemaId); // its parser stopped in the middle of a record
            throw new Undecodable(Reason.MALFORMED, "the record does not fit schema " + schemaId, e);
        }
    }

    private ResolvingDecoder resolverOf(int schemaId) throws Undecodable {
        ResolvingDecoder known = resolvers.get(schemaId);
        if (known != null) {
            return known;
        }
        Schema writer = writerSchemas.apply(schemaId);
        if (writer == null) {
            throw new Undecodable(Reason.UNKNOWN_SCHEMA, "the registry has no schema " + schemaId, null);
        }
        if (hasUnboundedArray(writer, new HashSet<>())) {
            throw new Undecodable(
                    Reason.UNKNOWN_SCHEMA, "schema " + schemaId + " has an array whose items take no bytes", null);
        }
        try {
            ResolvingDecoder made = DecoderFactory.get().resolvingDecoder(writer, UserEventSchema.schema(), null);
            resolvers.put(schemaId, made);
            return made;
        } catch (IOException | AvroRuntimeException | StackOverflowError e) { // a record that holds itself has no end
            throw new Undecodable(Reason.UNKNOWN_SCHEMA, "schema " + schemaId + " can not be read as a user event", e);
        }
    }

    /** An array is skipped item by item, so the bytes that are there bound it, but not where an item takes none of them. */
    private static boolean hasUnboundedArray(Schema schema, Set<Schema> seen) {
        if (!seen.add(schema)) {
            return false;
        }
        return switch (schema.getType()) {
            case ARRAY ->
                takesNoBytes(schema.getElementType(), new HashSet<>())
                        || hasUnboundedArray(schema.getElementType(), seen);
            case MAP -> hasUnboundedArray(schema.getValueType(), seen); // a key takes a byte at least
            case UNION -> schema.getTypes().stream().anyMatch(branch -> hasUnboundedArray(branch, seen));
            case RECORD -> schema.getFields().stream().anyMatch(field -> hasUnboundedArray(field.schema(), seen));
            default -> false;
        };
    }

    /** A record that holds itself has no end, so it takes more than nothing. */
    private static boolean takesNoBytes(Schema schema, Set<Schema> around) {
        return switch (schema.getType()) {
            case NULL -> true;
            case FIXED -> schema.getFixedSize() == 0;
            case RECORD ->
                around.add(schema)
                        && schema.getFields().stream().allMatch(field -> takesNoBytes(field.schema(), around));
            default -> false;
        };
    }

    private static UserEvent read(ResolvingDecoder in) throws IOException {
        Object[] values = new Object[UserEventSchema.schema().getFields().size()];
        for (Schema.Field field : in.readFieldOrder()) {
            values[field.pos()] = value(in, field.schema());
        }
        return UserEventFields.event(values);
    }

    private static @Nullable Object value(ResolvingDecoder in, Schema schema) throws IOException {
        Schema type = schema;
        if (schema.getType() == Schema.Type.UNION) {
            type = schema.getTypes().get(in.readIndex());
        }
        String logical =
                type.getLogicalType() == null ? "" : type.getLogicalType().getName();
        return switch (type.getType()) {
            case NULL -> {
                in.readNull();
                yield null;
            }
            case INT -> in.readInt();
            case DOUBLE -> in.readDouble();
            case LONG -> instant(in.readLong());
            case STRING -> logical.equals("uuid") ? uuid(in.readString()) : in.readString();
            default -> throw new IllegalArgumentException("no reader for " + type);
        };
    }

    private static Instant instant(long micros) {
        return Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000L);
    }

    private static UUID uuid(String text) {
        if (text.length() != 36) { // UUID.fromString takes shorter groups
            throw new IllegalArgumentException("not a uuid");
        }
        return UUID.fromString(text);
    }
}
