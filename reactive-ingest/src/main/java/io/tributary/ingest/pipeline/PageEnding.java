package io.tributary.ingest.pipeline;

import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.Lease;
import org.jspecify.annotations.Nullable;

/** How one lease ended: the page complete with so many users, or a failure after which it is somebody's again. */
public record PageEnding(Lease lease, int users, @Nullable Throwable failure) {
    static PageEnding complete(CapturedPage page) {
        return new PageEnding(page.lease(), page.events().size(), null);
    }

    static PageEnding failed(Lease lease, Throwable failure) {
        return new PageEnding(lease, 0, failure);
    }
}
