package io.tributary.ingest.source.pace;

import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.SourceFailed;
import io.tributary.ingest.model.PageRequest;
import java.time.Duration;
import java.util.List;

/**
 * Whose fault it is that a page did not come. A source in trouble answers nobody; so after a failure that may be either's, it is
 * asked for one user of no particular kind, and where it answers that, the page itself is at fault: an attempt, after the
 * last of which it is set aside. Where it does not, the page waits for better times at no cost.
 */
final class Blame {
    /** Before a page that is at fault is asked for again; longer after each attempt. */
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private Blame() {}

    /** An answer that is no page, or none in time; 429, a Retry-After and a lost connection are the source's by themselves. */
    static boolean isOpen(SourceFailed failure) {
        return failure.isTransient()
                && !failure.isOverQuota()
                && failure.getCause() == null
                && failure.retryAfter().isEmpty();
    }

    /** As small as a request can be, and in nothing like the one that failed. */
    static PageRequest question(PageRequest failed) {
        int otherPage = failed.sourcePage() == 1 ? 2 : 1;
        return new PageRequest(failed.runId(), failed.page(), 1, null, otherPage, List.of(), null);
    }

    /** The source answers others. */
    static SourceFailed ofThePage(SourceFailed failure) {
        return new SourceFailed(Kind.REJECTED, failure.getMessage() + "; the source answers others", failure, PAUSE);
    }
}
