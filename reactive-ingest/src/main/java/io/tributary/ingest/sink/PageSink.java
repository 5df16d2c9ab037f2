package io.tributary.ingest.sink;

import io.tributary.ingest.model.CapturedPage;
import reactor.core.publisher.Mono;

/** Takes the users of captured pages. Delivering a page again is harmless: the same rows, the same keys and bytes. */
public interface PageSink {
    /**
     * Cold. Completes once every user is durable; errors only with {@code StoreFailed}, {@code PublishFailed} or {@code
     * LeaseLost}.
     */
    Mono<Void> deliver(CapturedPage page);
}
