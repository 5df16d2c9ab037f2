package io.tributary.ingest.reconcile;

import io.tributary.ingest.model.PageSum;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Whether the windows hold of each page what was counted of it. A page whose windows agree with its page sum or with the
 * ledger is not named for its windows: where one of the two was changed, the other one is right.
 */
final class WindowShares {
    private final Map<Integer, PageSums.CountedPage> counted = new TreeMap<>();
    private final Map<Integer, Long> shares = new HashMap<>();

    void counted(PageSums.CountedPage page) {
        counted.put(page.page(), page);
    }

    void share(PageSums.Share share) {
        shares.merge(share.page(), (long) share.users(), Long::sum);
    }

    /** The windows that the counted pages lie in. */
    List<Instant> windows() {
        return counted.values().stream()
                .map(PageSums.CountedPage::windowStart)
                .filter(Objects::nonNull)
                .distinct()
                .sorted()
                .toList();
    }

    void compare(Slice slice, Comparison comparison) {
        counted.forEach((page, sum) -> {
            PageSum ledger = slice.sums().get(page);
            long inWindows = shares.getOrDefault(page, 0L);
            if (ledger != null
                    && inWindows != sum.counted().users()
                    && inWindows != ledger.digest().users()) {
                comparison.differs(
                        page,
                        null,
                        "window_users: the page's windows hold " + inWindows + " of its "
                                + sum.counted().users() + " counted users");
            }
        });
    }
}
