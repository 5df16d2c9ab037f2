package io.tributary.randomuser;

import java.time.LocalDate;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Bodies kept for benchmarks, so that asking for the same seed and page again costs no more than sending it. Least recently
 * used go first once {@code mostBytes} are held. For several threads.
 */
final class PreparedBodies {
    record Key(Query query, LocalDate today, boolean gzip) {}

    private final long mostBytes;
    private final Map<Key, Body> bodies = new LinkedHashMap<>(16, 0.75f, true);
    private long heldBytes;

    /** @param mostBytes 0 keeps nothing */
    PreparedBodies(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    synchronized Optional<Body> get(Key key) {
        return Optional.ofNullable(bodies.get(key));
    }

    synchronized void keep(Key key, Body body) {
        if (!key.query().repeatable() || body.bytes().length > mostBytes) {
            return;
        }
        Body before = bodies.put(key, body);
        heldBytes += body.bytes().length - (before == null ? 0 : before.bytes().length);
        Iterator<Body> oldest = bodies.values().iterator();
        while (heldBytes > mostBytes) {
            heldBytes -= oldest.next().bytes().length;
            oldest.remove();
        }
    }

    synchronized long heldBytes() {
        return heldBytes;
    }
}
