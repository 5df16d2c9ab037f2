package io.tributary.ingest.postgres;

import io.r2dbc.spi.Readable;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.OffsetDateTime;

/** Columns that are never null, as the types we use. */
public final class Columns {
    private Columns() {}

    public static <T> T value(Readable row, String column, Class<T> type) {
        T value = row.get(column, type);
        if (value == null) {
            throw new IllegalStateException("column " + column + " is null");
        }
        return value;
    }

    public static int number(Readable row, String column) {
        return value(row, column, Integer.class);
    }

    public static Instant instant(Readable row, String column) {
        return value(row, column, OffsetDateTime.class).toInstant();
    }

    public static byte[] bytes(Readable row, String column) {
        ByteBuffer buffer = value(row, column, ByteBuffer.class);
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
