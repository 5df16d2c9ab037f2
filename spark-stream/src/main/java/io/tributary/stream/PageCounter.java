package io.tributary.stream;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is counted of one page: which positions were seen, and sums over their users. A position counts once, by the first
 * user seen there, so that neither order nor repetition of parts changes the sums of a page whose users agree.
 *
 * <p>All parts of a page carry the same event time and size. One that does not is left out, as is another body at a known
 * position; reconciliation finds both, because Kafka's records do not add up to the ledger's digest then.
 *
 * <p>Packed, big endian: version (1 byte), users asked for (2), captured_at (8), digest (8), bitset of positions (1 bit
 * each), then 11 bytes a group: group (3), users (2), users with an age (2), sum of ages (4).
 */
final class PageCounter {
    private static final byte VERSION = 1;
    private static final int HEADER_BYTES = 19;
    private static final int GROUP_BYTES = 11;

    private final int pageUsers;
    private final long capturedAtMicros;
    private final BitSet seen;
    private final Map<Integer, Sums> groups = new TreeMap<>();
    private final Set<Integer> changed = new HashSet<>();
    private int users;
    private long digest;

    private static final class Sums {
        int users;
        int aged;
        int ageSum;
    }

    /**
     * The sums of one group of a page.
     *
     * @param aged users with an age
     */
    record Counted(PagePart.Group group, int users, int aged, int ageSum) {}

    private PageCounter(int pageUsers, long capturedAtMicros) {
        this.pageUsers = pageUsers;
        this.capturedAtMicros = capturedAtMicros;
        this.seen = new BitSet(pageUsers);
    }

    /** The counter of a page, as it was packed, or new for the page that this part is of. */
    static PageCounter of(byte @Nullable [] state, PagePart first) {
        return state == null ? new PageCounter(first.pageUsers(), first.capturedAtMicros()) : unpack(state);
    }

    /** Counts the users of a part whose positions are new. */
    void add(PagePart part) {
        if (part.pageUsers() != pageUsers || part.capturedAtMicros() != capturedAtMicros) {
            return;
        }
        for (int user = 0; user < part.users(); user++) {
            int position = part.position(user);
            if (position < pageUsers && !seen.get(position)) {
                seen.set(position);
                count(part.group(user), part.age(user), part.hash(user));
            }
        }
    }

    private void count(int group, int age, long hash) {
        Sums sums = groups.computeIfAbsent(group, g -> new Sums());
        sums.users++;
        if (age != PagePart.NO_AGE) {
            sums.aged++;
            sums.ageSum += age;
        }
        users++;
        digest += hash;
        changed.add(group);
    }

    /** Whether anything was counted since {@link #of}. */
    boolean isChanged() {
        return !changed.isEmpty();
    }

    /** The groups that grew since {@link #of}, as they are now. */
    List<Counted> changedGroups() {
        List<Counted> counted = new ArrayList<>();
        groups.forEach((group, sums) -> {
            if (changed.contains(group)) {
                counted.add(new Counted(PagePart.Group.of(group), sums.users, sums.aged, sums.ageSum));
            }
        });
        return counted;
    }

    int pageUsers() {
        return pageUsers;
    }

    long capturedAtMicros() {
        return capturedAtMicros;
    }

    int users() {
        return users;
    }

    /** Sum of the users' hashes, modulo 2^64. */
    long digest() {
        return digest;
    }

    byte[] pack() {
        ByteBuffer packed = ByteBuffer.allocate(HEADER_BYTES + bitsetBytes(pageUsers) + groups.size() * GROUP_BYTES)
                .put(VERSION)
                .putShort((short) pageUsers)
                .putLong(capturedAtMicros)
                .putLong(digest);
        int begin = packed.position();
        packed.put(seen.toByteArray()).position(begin + bitsetBytes(pageUsers));
        groups.forEach((group, sums) -> packed.put((byte) (group >> 16))
                .putShort((short) (int) group)
                .putShort((short) sums.users)
                .putShort((short) sums.aged)
                .putInt(sums.ageSum));
        return packed.array();
    }

    private static PageCounter unpack(byte[] state) {
        ByteBuffer packed = ByteBuffer.wrap(state);
        byte version = packed.get();
        if (version != VERSION) {
            throw new IllegalStateException("state of version " + version + ", expected " + VERSION);
        }
        PageCounter counter = new PageCounter(Short.toUnsignedInt(packed.getShort()), packed.getLong());
        counter.digest = packed.getLong();
        int bits = bitsetBytes(counter.pageUsers);
        counter.seen.or(BitSet.valueOf(packed.slice(packed.position(), bits)));
        packed.position(packed.position() + bits);
        while (packed.hasRemaining()) {
            int group = Byte.toUnsignedInt(packed.get()) << 16 | Short.toUnsignedInt(packed.getShort());
            Sums sums = new Sums();
            sums.users = Short.toUnsignedInt(packed.getShort());
            sums.aged = Short.toUnsignedInt(packed.getShort());
            sums.ageSum = packed.getInt();
            counter.groups.put(group, sums);
        }
        counter.users = counter.seen.cardinality();
        return counter;
    }

    private static int bitsetBytes(int positions) {
        return (positions + Byte.SIZE - 1) / Byte.SIZE;
    }
}
