package io.tributary.ingest.pipeline;

import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.FetchedPage;
import io.tributary.ingest.model.Lease;
import io.tributary.ingest.protocol.PageFlow;
import io.tributary.ingest.protocol.PageFlow.Event;
import io.tributary.ingest.protocol.PageFlow.Step;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;

/**
 * A page that this worker holds, and where the protocol's flow is with it.
 *
 * @param fetched the source's answer, until it is captured
 * @param captured what goes into the sinks
 * @param failure why it is given back; both sinks' failures together
 */
record PageInHand(
        Lease lease,
        PageFlow flow,
        @Nullable FetchedPage fetched,
        @Nullable CapturedPage captured,
        @Nullable Throwable failure) {

    static PageInHand taken(Lease lease) {
        return new PageInHand(lease, PageFlow.of(lease.captured()), null, null, null);
    }

    Step next() {
        return flow.step();
    }

    FetchedPage answer() {
        return Objects.requireNonNull(fetched, "the flow captures what was fetched");
    }

    CapturedPage content() {
        return Objects.requireNonNull(captured, "the flow delivers what was captured");
    }

    PageInHand fetched(FetchedPage answer) {
        return new PageInHand(lease, flow.on(Event.DONE), answer, null, null);
    }

    /** The answer's bytes are let go. */
    PageInHand captured(CapturedPage page) {
        return new PageInHand(lease, flow.on(Event.DONE), null, page, null);
    }

    PageInHand on(Event event) {
        return on(event, null);
    }

    PageInHand on(Event event, @Nullable Throwable why) {
        Throwable both = failure == null || why == null || failure.equals(why)
                ? why == null ? failure : why
                : Exceptions.multiple(failure, why);
        return new PageInHand(lease, flow.on(event), fetched, captured, both);
    }
}
