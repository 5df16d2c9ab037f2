package io.tributary.ingest.reconcile;

import io.tributary.ingest.model.PageSum;
import io.tributary.ingest.reconcile.Reconciliation.Drift;
import io.tributary.schemas.Digest;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One store held against the ledger, page by page: what differs, in words, and the sum of all. No I/O; one thread at a time.
 *
 * <p>A page that differs in some of its users is a suspect until the stored response tells which ones. At most {@link
 * Reconciliation#MAX_DRIFT} suspects and differences are kept; the pages past that count as one difference each.
 */
final class Comparison {
    private static final int MAX = Reconciliation.MAX_DRIFT;

    private final String store;
    private final Map<Integer, Suspect> suspects = new TreeMap<>();
    private final List<Drift> drift = new ArrayList<>();
    private long driftTotal;
    private Digest digest = Digest.EMPTY;
    private long records;
    private BitSet seen = new BitSet();

    private record Suspect(PageSum sum, PageContent content) {}

    Comparison(String store) {
        this.store = store;
    }

    /** A page as the store holds it. */
    void page(Slice slice, PageContent content) {
        count(content.digest());
        records += content.records();
        PageSum sum = slice.sums().get(content.page());
        if (sum == null) {
            unknownPage(content.page(), content.digest());
            return;
        }
        seen.set(content.page() - slice.from());
        if (content.matches(sum.digest())) {
            return;
        }
        if (drift.size() + suspects.size() < MAX) {
            suspects.put(content.page(), new Suspect(sum, content));
        } else {
            driftTotal++;
        }
    }

    /** A page of which the store keeps only the sum. */
    void sum(Slice slice, int page, Digest counted) {
        count(counted);
        PageSum sum = slice.sums().get(page);
        if (sum == null) {
            unknownPage(page, counted);
            return;
        }
        seen.set(page - slice.from());
        if (!counted.equals(sum.digest())) {
            differs(page, null, "page sum differs: " + counted + "; ledger " + sum.digest());
        }
    }

    /** The store has nothing more of this slice: what was not seen is missing. A page without users needs no place in it. */
    void end(Slice slice) {
        slice.sums().values().stream()
                .filter(sum -> sum.digest().users() > 0 && !seen.get(sum.page() - slice.from()))
                .sorted(Comparator.comparingInt(PageSum::page))
                .forEach(sum -> differs(
                        sum.page(), null, "page missing: 0 of " + sum.digest().users() + " users"));
        seen = new BitSet();
    }

    /** Pages to be held against their stored response. */
    Collection<Integer> suspects() {
        return List.copyOf(suspects.keySet());
    }

    /** Names the users that differ in a suspect, where the stored response still is what the ledger says of it. */
    void pinpoint(PageContent original) {
        Suspect suspect = suspects.remove(original.page());
        if (suspect == null) {
            return;
        }
        PageSum sum = suspect.sum;
        PageContent content = suspect.content;
        long before = driftTotal;
        if (original.matches(sum.digest())) {
            for (int position = 0; position < content.places(); position++) {
                user(content, original, position);
            }
        }
        outside(content, sum);
        if (driftTotal == before) {
            differs(sum.page(), null, "page differs: " + content.digest() + "; ledger " + sum.digest());
        }
    }

    private void user(PageContent content, PageContent original, int position) {
        int page = content.page();
        if (!content.has(position)) {
            if (original.has(position)) {
                differs(page, position, "user missing");
            }
        } else if (content.hasConflict(position)) {
            differs(page, position, "two different records");
        } else if (!original.has(position)) {
            differs(page, position, "user that was not captured");
        } else if (content.isUnreadable(position)) {
            differs(page, position, "user holds values that fit no event");
        } else if (content.hash(position) != original.hash(position)) {
            differs(page, position, "user differs");
        }
    }

    private void outside(PageContent content, PageSum sum) {
        String what = "position outside of the page of " + sum.pageUsers();
        content.outside().forEach(position -> differs(content.page(), position, what));
        driftTotal += content.outsideTotal() - content.outside().size();
    }

    private void unknownPage(int page, Digest found) {
        differs(page, null, "page that the ledger has not captured: " + found.users() + " users");
    }

    /** Any other difference. {@code position} is null where only the page is known. */
    void differs(int page, @Nullable Integer position, String what) {
        driftTotal++;
        if (drift.size() < MAX) {
            drift.add(new Drift(store, page, position, what));
        }
    }

    private void count(Digest found) {
        digest = digest.plus(found);
    }

    String store() {
        return store;
    }

    Digest digest() {
        return digest;
    }

    long records() {
        return records;
    }

    List<Drift> drift() {
        return List.copyOf(drift);
    }

    long driftTotal() {
        return driftTotal;
    }
}
