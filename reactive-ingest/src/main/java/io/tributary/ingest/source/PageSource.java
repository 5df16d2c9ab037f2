package io.tributary.ingest.source;

import io.tributary.ingest.model.FetchedPage;
import io.tributary.ingest.model.PageRequest;
import reactor.core.publisher.Mono;

/** Where pages are asked for. */
public interface PageSource {
    /**
     * One page of users, as the source answered it.
     *
     * <p>Cold: one HTTP GET for each subscription, none before; a cancel ends the request. Not repeatable: ages are
     * counted to today, so a later fetch of the same seed and page may differ (randomuser.me API 1.4).
     *
     * <p>Shape: exactly {@code page.pageUsers()} positions, each a user or a dead letter; the body at most {@link
     * SourceLimits#maxBodyBytes()} bytes after inflation.
     *
     * @return errors with {@code SourceFailed} only: of kind {@code TRANSIENT} where the same request may succeed later
     *     (408, 429, 5xx, timeout, connection lost, cut body, an {@code error} member), {@code REJECTED} where the answer is
     *     whole and not the page asked for (other status, redirect, HTML, malformed JSON or gzip, unknown encoding, body over
     *     the cap, not UTF-8, other count, page, seed, nationality or gender, a certificate that is not the host's)
     */
    Mono<FetchedPage> fetch(PageRequest page);

    /** False while the source is known to refuse: then only pages that need no fetch are worth a lease. */
    default boolean isOpen() {
        return true;
    }
}
