package io.tributary.stream;

import io.tributary.schemas.Digest;
import io.tributary.schemas.User;
import io.tributary.schemas.UserEvent;
import io.tributary.schemas.UserEventEncoder;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.UUID;

/**
 * Some users of one page, packed for the shuffle: run (16 bytes), page (4), users asked for (2), captured_at in
 * microseconds (8), then 14 bytes a user: position (2), nationality (2 letters), gender (1), age (1, 255 for none), hash
 * (8). Numbers are big endian.
 *
 * <p>Positions are carried because sums can not be merged exactly where a duplicate comes in a later batch.
 */
final class PagePart {
    /** Run and page: what the counter's state is kept by. */
    static final int KEY_BYTES = 20;

    static final int HEADER_BYTES = 30;
    static final int USER_BYTES = 14;

    /** In place of the age of a user without one. */
    static final int NO_AGE = 255;

    private final ByteBuffer bytes;

    private PagePart(byte[] packed) {
        this.bytes = ByteBuffer.wrap(packed);
    }

    static PagePart of(byte[] packed) {
        if (packed.length < HEADER_BYTES || (packed.length - HEADER_BYTES) % USER_BYTES != 0) {
            throw new IllegalArgumentException("a page part of " + packed.length + " bytes");
        }
        return new PagePart(packed);
    }

    /** The key of a packed part, without looking at the rest. */
    static byte[] keyOf(byte[] packed) {
        return Arrays.copyOf(packed, KEY_BYTES);
    }

    static UUID runOf(byte[] key) {
        ByteBuffer at = ByteBuffer.wrap(key);
        return new UUID(at.getLong(0), at.getLong(8));
    }

    static int pageOf(byte[] key) {
        return ByteBuffer.wrap(key).getInt(16);
    }

    int pageUsers() {
        return Short.toUnsignedInt(bytes.getShort(20));
    }

    long capturedAtMicros() {
        return bytes.getLong(22);
    }

    int users() {
        return (bytes.capacity() - HEADER_BYTES) / USER_BYTES;
    }

    int position(int user) {
        return Short.toUnsignedInt(bytes.getShort(HEADER_BYTES + user * USER_BYTES));
    }

    /** Nationality and gender as one number, see {@link Group}. */
    int group(int user) {
        int at = HEADER_BYTES + user * USER_BYTES + 2;
        return Short.toUnsignedInt(bytes.getShort(at)) << 8 | Byte.toUnsignedInt(bytes.get(at + 2));
    }

    int age(int user) {
        return Byte.toUnsignedInt(bytes.get(HEADER_BYTES + user * USER_BYTES + 5));
    }

    long hash(int user) {
        return bytes.getLong(HEADER_BYTES + user * USER_BYTES + 6);
    }

    /** Nationality (two letters) and gender in 24 bits: what users of a page are counted by. */
    record Group(String nationality, String gender) {
        static final String FEMALE = "female";
        static final String MALE = "male";

        static boolean fits(User user) {
            String nat = user.nationality();
            return nat.length() == 2
                    && isLetter(nat.charAt(0))
                    && isLetter(nat.charAt(1))
                    && (user.gender().equals(FEMALE) || user.gender().equals(MALE));
        }

        private static boolean isLetter(char c) {
            return c >= 'A' && c <= 'Z';
        }

        static Group of(int packed) {
            String nat = String.valueOf(new char[] {(char) (packed >> 16 & 0xff), (char) (packed >> 8 & 0xff)});
            return new Group(nat, (packed & 0xff) == 'f' ? FEMALE : MALE);
        }
    }

    /** Packs events as they come, one open part a page. Bytes held, at most: 14 an event and 30 a page. */
    static final class Packer {
        private static final int FIRST_USERS = 64;

        private final Map<Header, ByteBuffer> open = new HashMap<>();
        private final UserEventEncoder encoder = new UserEventEncoder();

        /** Events of one page that do not agree on these go into parts of their own. */
        private record Header(UUID runId, int page, int pageUsers, Instant capturedAt) {}

        /** Takes an event that {@link EventRules} finds possible. */
        void add(UserEvent event) {
            Header header = new Header(event.runId(), event.page(), event.pageUsers(), event.capturedAt());
            ByteBuffer part = open.get(header);
            if (part == null || part.remaining() < USER_BYTES) {
                part = part == null ? begin(header) : twice(part);
                open.put(header, part);
            }
            User user = event.user();
            Integer age = user.age();
            part.putShort((short) event.position())
                    .put((byte) user.nationality().charAt(0))
                    .put((byte) user.nationality().charAt(1))
                    .put((byte) user.gender().charAt(0))
                    .put((byte) (age == null ? NO_AGE : age))
                    .putLong(Digest.hashOf(encoder.body(event)));
        }

        /** What was packed, each page's part once. */
        Iterator<byte[]> parts() {
            Iterator<ByteBuffer> parts = open.values().iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return parts.hasNext();
                }

                @Override
                public byte[] next() {
                    ByteBuffer part = parts.next().flip();
                    byte[] packed = new byte[part.remaining()];
                    part.get(packed);
                    return packed;
                }
            };
        }

        private static ByteBuffer begin(Header header) {
            return ByteBuffer.allocate(HEADER_BYTES + FIRST_USERS * USER_BYTES)
                    .putLong(header.runId.getMostSignificantBits())
                    .putLong(header.runId.getLeastSignificantBits())
                    .putInt(header.page)
                    .putShort((short) header.pageUsers)
                    .putLong(Micros.of(header.capturedAt));
        }

        private static ByteBuffer twice(ByteBuffer part) {
            return ByteBuffer.allocate(2 * part.capacity()).put(part.flip());
        }
    }
}
