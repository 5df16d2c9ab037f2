package io.tributary.ingest.reconcile;

import io.tributary.ingest.model.PageSum;
import io.tributary.ingest.model.Run;
import java.util.Map;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Neighbouring pages of a run, few enough to be compared at once, with what the ledger says of them.
 *
 * @param from first page, inclusive
 * @param to last page, inclusive
 * @param sums of the captured pages among them, by page
 */
record Slice(Run run, int from, int to, Map<Integer, PageSum> sums) {
    /** Users compared at once; see the formula on {@link StoreReconciler}. */
    static final int MAX_USERS = 2_000_000;

    static final int MAX_PAGES = 50_000;

    /** All pages of a run, part by part; the next part's sums are read when it is asked for. */
    static Flux<Slice> of(Run run, CapturedPages ledger) {
        int pages = run.pages();
        int step = Math.min(MAX_PAGES, Math.max(1, MAX_USERS / run.pageSize()));
        return Flux.range(0, (pages + step - 1) / step)
                .concatMap(part -> between(run, part * step + 1, Math.min(pages, (part + 1) * step), ledger), 0);
    }

    private static Mono<Slice> between(Run run, int from, int to, CapturedPages ledger) {
        return ledger.captured(run.id(), from, to)
                .collectMap(PageSum::page)
                .map(sums -> new Slice(run, from, to, sums));
    }

    /** What a store is asked for: pages that no plan knows belong to the first and the last slice. */
    int readFrom() {
        return from == 1 ? Integer.MIN_VALUE : from;
    }

    int readTo() {
        return to == run.pages() ? Integer.MAX_VALUE : to;
    }

    boolean covers(int page) {
        return page >= readFrom() && page <= readTo();
    }

    /** An empty page to be filled; one that the ledger does not know has no places. */
    PageContent emptyPage(int page) {
        PageSum sum = sums.get(page);
        return new PageContent(page, sum == null ? 0 : sum.pageUsers());
    }
}
