package io.tributary.ingest.reconcile;

import io.tributary.schemas.Digest;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/** A store that keeps sums of pages instead of their users. Cold; errors with {@code ReadFailed}. */
interface PageSums {
    /** Each page that was counted, once. */
    Flux<CountedPage> counted(Slice slice);

    /**
     * A page as it was counted.
     *
     * @param windowStart the window that the page was counted in; null where the store does not say
     */
    record CountedPage(int page, Digest counted, @Nullable Instant windowStart) {}

    /** The pages' parts of these windows, a page as often as it has groups of users. */
    Flux<Share> shares(Slice slice, List<Instant> windows);

    /** Users of a page in one group of a window. */
    record Share(int page, int users) {}
}
