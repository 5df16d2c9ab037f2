package io.tributary.ingest.source;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Strict UTF-8 (RFC 3629). Jackson alone is lenient: it takes overlong forms and encoded surrogates, does not look into
 * values that are skipped, and changes to UTF-16 or UTF-32 by itself when it sees zero bytes.
 */
final class Utf8 {
    static final int VALID = -1;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long NOT_ASCII = 0x8080_8080_8080_8080L;

    private Utf8() {}

    /** The index of the first sequence that is not UTF-8, or {@link #VALID}. */
    static int firstMalformed(byte[] bytes) {
        int i = 0;
        while (i < bytes.length) {
            if (i <= bytes.length - Long.BYTES && ((long) LONGS.get(bytes, i) & NOT_ASCII) == 0) {
                i += Long.BYTES;
                continue;
            }
            int length = sequenceLength(bytes, i);
            if (length == 0) {
                return i;
            }
            i += length;
        }
        return VALID;
    }

    /** Bytes of the character at {@code i}, 0 when there is none. */
    private static int sequenceLength(byte[] bytes, int i) {
        int lead = bytes[i] & 0xFF;
        if (lead < 0x80) {
            return 1;
        }
        if (lead >= 0xC2 && lead <= 0xDF) {
            return isWithin(bytes, i + 1, 0x80, 0xBF) ? 2 : 0;
        }
        if (lead >= 0xE0 && lead <= 0xEF) {
            int least = lead == 0xE0 ? 0xA0 : 0x80; // below: overlong
            int most = lead == 0xED ? 0x9F : 0xBF; // above: a surrogate
            return isWithin(bytes, i + 1, least, most) && isWithin(bytes, i + 2, 0x80, 0xBF) ? 3 : 0;
        }
        if (lead >= 0xF0 && lead <= 0xF4) {
            int least = lead == 0xF0 ? 0x90 : 0x80; // below: overlong
            int most = lead == 0xF4 ? 0x8F : 0xBF; // above: beyond U+10FFFF
            return isWithin(bytes, i + 1, least, most)
                            && isWithin(bytes, i + 2, 0x80, 0xBF)
                            && isWithin(bytes, i + 3, 0x80, 0xBF)
                    ? 4
                    : 0;
        }
        return 0;
    }

    private static boolean isWithin(byte[] bytes, int i, int least, int most) {
        return i < bytes.length && (bytes[i] & 0xFF) >= least && (bytes[i] & 0xFF) <= most;
    }
}
