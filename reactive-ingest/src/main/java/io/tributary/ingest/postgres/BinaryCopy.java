package io.tributary.ingest.postgres;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * Rows in the format of {@code COPY ... FROM STDIN (FORMAT binary)}: a signature, then for each row the number of columns
 * and each column's length and bytes, then a trailer (PostgreSQL manual, COPY, Binary Format).
 */
public final class BinaryCopy {
    private static final byte[] SIGNATURE = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0};
    private static final int CHUNK_ROWS = 128;
    private static final int CHUNK_BYTES = 64 * 1024;
    private static final long POSTGRES_EPOCH_SECONDS =
            Instant.parse("2000-01-01T00:00:00Z").getEpochSecond();

    private final ByteBuf out;

    private BinaryCopy(ByteBuf out) {
        this.out = out;
    }

    /**
     * The bytes of a COPY, in chunks of {@value #CHUNK_ROWS} rows, made on demand.
     *
     * @param columns in each row
     * @param row writes one row's columns, in order, each exactly once
     */
    public static <T> Flux<ByteBuf> of(List<T> rows, int columns, BiConsumer<T, BinaryCopy> row) {
        Flux<ByteBuf> body = Flux.range(0, (rows.size() + CHUNK_ROWS - 1) / CHUNK_ROWS)
                .map(chunk -> chunk(
                        rows.subList(chunk * CHUNK_ROWS, Math.min(rows.size(), (chunk + 1) * CHUNK_ROWS)),
                        columns,
                        row));
        return Flux.concat(Flux.defer(() -> Flux.just(header())), body, Flux.defer(() -> Flux.just(trailer())))
                .onTerminateDetach(); // an idle connection remembers its last conversation, but not with the rows
    }

    private static ByteBuf header() {
        return ByteBufAllocator.DEFAULT
                .buffer()
                .writeBytes(SIGNATURE)
                .writeInt(0) // flags
                .writeInt(0); // length of the header's extension
    }

    private static ByteBuf trailer() {
        return ByteBufAllocator.DEFAULT.buffer(Short.BYTES).writeShort(-1);
    }

    private static <T> ByteBuf chunk(List<T> rows, int columns, BiConsumer<T, BinaryCopy> row) {
        ByteBuf out = ByteBufAllocator.DEFAULT.buffer(CHUNK_BYTES);
        try {
            BinaryCopy copy = new BinaryCopy(out);
            for (T one : rows) {
                out.writeShort(columns);
                row.accept(one, copy);
            }
            return out;
        } catch (RuntimeException e) {
            out.release();
            throw e;
        }
    }

    public BinaryCopy int4(@Nullable Integer value) {
        if (value == null) {
            return none();
        }
        out.writeInt(Integer.BYTES).writeInt(value);
        return this;
    }

    public BinaryCopy float8(@Nullable Double value) {
        if (value == null) {
            return none();
        }
        out.writeInt(Double.BYTES).writeDouble(value);
        return this;
    }

    public BinaryCopy uuid(UUID value) {
        out.writeInt(2 * Long.BYTES)
                .writeLong(value.getMostSignificantBits())
                .writeLong(value.getLeastSignificantBits());
        return this;
    }

    public BinaryCopy bytea(byte[] value) {
        out.writeInt(value.length).writeBytes(value);
        return this;
    }

    /** Microseconds since the year 2000. */
    public BinaryCopy timestamptz(@Nullable Instant value) {
        if (value == null) {
            return none();
        }
        long micros = (value.getEpochSecond() - POSTGRES_EPOCH_SECONDS) * 1_000_000 + value.getNano() / 1_000;
        out.writeInt(Long.BYTES).writeLong(micros);
        return this;
    }

    public BinaryCopy text(@Nullable String value) {
        if (value == null) {
            return none();
        }
        int at = out.writerIndex();
        out.writeInt(0);
        int written = out.writeCharSequence(value, StandardCharsets.UTF_8);
        out.setInt(at, written);
        return this;
    }

    private BinaryCopy none() {
        out.writeInt(-1);
        return this;
    }
}
