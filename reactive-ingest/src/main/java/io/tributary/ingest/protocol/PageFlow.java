package io.tributary.ingest.protocol;

/**
 * Where a worker is with a page, and what it does next. The order is the promise: nothing leaves for a sink before the
 * capture is known to be durable, and a page is complete only when both sinks have acknowledged it.
 *
 * <pre>
 * lease ---> FETCH --> CAPTURE --> DELIVER --> COMPLETE --> END
 *      \--> READ_BACK ------------/   any failure: GIVE_BACK --> END
 * </pre>
 *
 * @param stored PostgreSQL's acknowledgement
 * @param published Kafka's
 * @param settled sinks that have ended, one way or the other
 */
public record PageFlow(Step step, boolean stored, boolean published, int settled) {
    private static final int SINKS = 2;

    /** What a worker does with a page. */
    public enum Step {
        /** Ask the source. */
        FETCH,
        /** Make the answer durable. */
        CAPTURE,
        /** Take what was captured from the ledger. */
        READ_BACK,
        /** Both sinks, concurrently. */
        DELIVER,
        COMPLETE,
        GIVE_BACK,
        END
    }

    /** How a step ended, as far as the worker knows: {@code FAILED} says nothing about what the other side did. */
    public enum Event {
        DONE,
        STORED,
        PUBLISHED,
        /** A sink did not acknowledge. */
        NOT_DELIVERED,
        /** Any other step. */
        FAILED,
        /** The lease is lost or could not be renewed in time. */
        LOST
    }

    /** A page captured before, by anyone, is read back and never fetched again. */
    public static PageFlow of(boolean captured) {
        return at(captured ? Step.READ_BACK : Step.FETCH);
    }

    public PageFlow on(Event event) {
        if (step == Step.END) {
            throw new IllegalStateException("nothing follows the end, not " + event);
        }
        return switch (event) {
            case DONE -> done();
            case STORED -> settle(true, published);
            case PUBLISHED -> settle(stored, true);
            case NOT_DELIVERED -> settle(stored, published);
            case FAILED, LOST -> at(step == Step.GIVE_BACK ? Step.END : Step.GIVE_BACK);
        };
    }

    private PageFlow done() {
        return switch (step) {
            case FETCH -> at(Step.CAPTURE);
            case CAPTURE, READ_BACK -> at(Step.DELIVER);
            case COMPLETE, GIVE_BACK -> at(Step.END);
            case DELIVER, END -> throw new IllegalStateException(step + " does not end by itself");
        };
    }

    /** Both sinks settle before the worker goes on, so that neither still writes when the page is given back. */
    private PageFlow settle(boolean storedNow, boolean publishedNow) {
        if (step != Step.DELIVER) {
            throw new IllegalStateException("no sink is at work in " + step);
        }
        if (settled + 1 < SINKS) {
            return new PageFlow(Step.DELIVER, storedNow, publishedNow, settled + 1);
        }
        return at(storedNow && publishedNow ? Step.COMPLETE : Step.GIVE_BACK);
    }

    private static PageFlow at(Step step) {
        return new PageFlow(step, false, false, 0);
    }
}
