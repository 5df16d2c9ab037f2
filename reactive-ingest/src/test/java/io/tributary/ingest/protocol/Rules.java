package io.tributary.ingest.protocol;

import io.tributary.ingest.protocol.PageFlow.Event;
import io.tributary.ingest.protocol.PageFlow.Step;
import java.time.Instant;
import java.util.function.BiFunction;

/** What the search drives: the service's own rules, or a mutant that leaves one of them out. */
interface Rules {
    /** The service's. */
    Rules CHOSEN = new Rules() {};

    default Decision decide(PageEntry page, PageMove move, Instant now) {
        return move.on(page, now);
    }

    default PageFlow first(boolean captured) {
        return PageFlow.of(captured);
    }

    default PageFlow next(PageFlow at, Event event) {
        return at.on(event);
    }

    /** The event time of a page that is made from the ledger's facts at {@code now}. */
    default Instant timeOf(CaptureFacts facts, Instant now) {
        return facts.capturedAt();
    }

    /** Whether the run may be cancelled at any time. */
    default boolean cancels() {
        return false;
    }

    /** One or two. */
    default int workers() {
        return 2;
    }

    /** The service's, but for what a worker does next. */
    static Rules following(BiFunction<PageFlow, Event, PageFlow> next) {
        return new Rules() {
            @Override
            public PageFlow next(PageFlow at, Event event) {
                return next.apply(at, event);
            }
        };
    }

    /** The service's, but for what the ledger answers. */
    static Rules deciding(Decider ledger) {
        return new Rules() {
            @Override
            public Decision decide(PageEntry page, PageMove move, Instant now) {
                return ledger.decide(page, move, now);
            }
        };
    }

    /** A ledger's answer to a move. */
    @FunctionalInterface
    interface Decider {
        Decision decide(PageEntry page, PageMove move, Instant now);
    }

    static PageFlow at(Step step) {
        return new PageFlow(step, false, false, 0);
    }
}
