package io.tributary.randomuser;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** Gzip of whole bodies, and the bomb. */
final class Gzip {
    private static final byte[] HEADER = {0x1F, (byte) 0x8B, 8, 0, 0, 0, 0, 0, 0, (byte) 0xFF};

    /** An empty last block. */
    private static final byte[] LAST_BLOCK = {3, 0};

    private static final int BOMB_CHUNK_BYTES = 1 << 20;

    private Gzip() {}

    /** Level 1: a page takes a third of the time of the default level, for a fifth more bytes. */
    static byte[] fast(byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(body.length / 3 + 64);
        try (OutputStream gzip = new FastGzip(out)) {
            gzip.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(OutputStream out) throws IOException {
            super(out, 64 * 1024);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }

    /**
     * A single gzip member that inflates to the beginning of a page and then {@code bytes} blanks, rounded up to 1 MiB:
     * one compressed chunk repeated, so that a bomb of a gibibyte is made of a mebibyte.
     */
    static byte[] bomb(long bytes) {
        byte[] start = "{\"results\":[".getBytes(StandardCharsets.UTF_8);
        byte[] blanks = new byte[BOMB_CHUNK_BYTES];
        Arrays.fill(blanks, (byte) ' ');
        long chunks = Math.max(1, (bytes + BOMB_CHUNK_BYTES - 1) / BOMB_CHUNK_BYTES);
        byte[] chunk = flushed(blanks);
        CRC32 crc = new CRC32();
        crc.update(start);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(HEADER);
        out.writeBytes(flushed(start));
        for (long i = 0; i < chunks; i++) {
            out.writeBytes(chunk);
            crc.update(blanks);
        }
        out.writeBytes(LAST_BLOCK);
        littleEndian(crc.getValue(), out);
        littleEndian(start.length + chunks * BOMB_CHUNK_BYTES, out);
        return out.toByteArray();
    }

    /** Deflated blocks that end on a byte and refer to nothing before them: they may be repeated. */
    private static byte[] flushed(byte[] data) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        try {
            deflater.setInput(data);
            byte[] out = new byte[data.length + 64];
            int length = deflater.deflate(out, 0, out.length, Deflater.FULL_FLUSH);
            return Arrays.copyOf(out, length);
        } finally {
            deflater.end();
        }
    }

    private static void littleEndian(long value, ByteArrayOutputStream out) {
        for (int shift = 0; shift < 32; shift += 8) {
            out.write((int) (value >>> shift));
        }
    }
}
