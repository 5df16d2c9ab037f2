package io.tributary.ingest.reconcile;

import io.tributary.schemas.Digest;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * One page as a store holds it, from what the store's own content hashes to. Filled by one thread, about 8 bytes a user.
 *
 * <p>Whatever is put in shows in the digest, once: a repeated identical record does not, another body for the same place
 * does. Only the first other body of a place counts, so that repeating it changes nothing either.
 */
final class PageContent {
    /** Places outside of the page that are kept by number; the others are only counted. */
    private static final int MAX_OUTSIDE = Reconciliation.MAX_DRIFT;

    private final int page;
    private final long[] hashes;
    private final BitSet present;
    private final BitSet conflicts = new BitSet(0);
    private final BitSet unreadable = new BitSet(0);
    private final List<Integer> outside = new ArrayList<>(0);
    private long outsideTotal;
    private long sum;
    private long records;

    /**
     * An empty page.
     *
     * @param pageUsers its places; 0 when nobody knows the page, and everything is outside
     */
    PageContent(int page, int pageUsers) {
        this.page = page;
        this.hashes = new long[pageUsers];
        this.present = new BitSet(pageUsers);
    }

    void add(int position, long hash) {
        records++;
        if (position < 0 || position >= hashes.length) {
            addOutside(position, hash);
        } else if (!present.get(position)) {
            present.set(position);
            hashes[position] = hash;
            sum += hash;
        } else if (hashes[position] != hash && !conflicts.get(position)) {
            conflicts.set(position);
            sum += hash;
        }
    }

    /** A user whose values fit no event: it is there, and it is not what was captured. */
    void addUnreadable(int position) {
        add(position, 0);
        if (position >= 0 && position < hashes.length) {
            unreadable.set(position);
        }
    }

    private void addOutside(int position, long hash) {
        outsideTotal++;
        sum += hash;
        if (outside.size() < MAX_OUTSIDE) {
            outside.add(position);
        }
    }

    int page() {
        return page;
    }

    /** Places taken and records outside of the page, with the digest of all of it. */
    Digest digest() {
        return new Digest(present.cardinality() + outsideTotal, sum);
    }

    /** Everything that was put in, repeated ones included. */
    long records() {
        return records;
    }

    /** Whether the page is exactly what the ledger says. */
    boolean matches(Digest ledger) {
        return outsideTotal == 0 && conflicts.isEmpty() && unreadable.isEmpty() && digest().equals(ledger);
    }

    int places() {
        return hashes.length;
    }

    boolean has(int position) {
        return present.get(position);
    }

    long hash(int position) {
        return hashes[position];
    }

    boolean hasConflict(int position) {
        return conflicts.get(position);
    }

    boolean isUnreadable(int position) {
        return unreadable.get(position);
    }

    /** The first places outside of the page, as they came. */
    List<Integer> outside() {
        return outside;
    }

    long outsideTotal() {
        return outsideTotal;
    }
}
