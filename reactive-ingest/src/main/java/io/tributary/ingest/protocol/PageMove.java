package io.tributary.ingest.protocol;

import io.tributary.ingest.model.PageState;
import io.tributary.ingest.protocol.Decision.Already;
import io.tributary.ingest.protocol.Decision.Next;
import io.tributary.ingest.protocol.Decision.Refused;
import io.tributary.ingest.protocol.Decision.Why;
import io.tributary.ingest.protocol.PageEntry.Hold;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * What can be asked of the ledger for one page, and its answer. The table of states is at {@link PageState}. The ledger
 * locks the page, asks here and writes what it is told, so that no two moves of a page are ever decided side by side.
 */
public sealed interface PageMove {
    /** Failures of a page itself after which it is given up. */
    int ATTEMPTS = 5;

    /** Decides by what is held of the page and the ledger's clock; changes nothing itself. */
    Decision on(PageEntry page, Instant now);

    /** The event time of what is captured now. */
    static Instant eventTime(Instant now) {
        return now.truncatedTo(ChronoUnit.MILLIS);
    }

    /** A worker takes a free page. Without {@code mayFetch} only one that is captured. */
    record Take(String holder, Duration lease, boolean mayFetch) implements PageMove {
        @Override
        public Decision on(PageEntry page, Instant now) {
            if (!page.isOpen()) {
                return new Refused(Why.MOVED_ON);
            }
            if (page.facts() == null && !(mayFetch && page.wanted())) {
                return new Refused(Why.NOT_WANTED);
            }
            return page.isFree(now)
                    ? new Next(page.leased(new Hold(holder, now, now.plus(lease))))
                    : new Refused(Why.NOT_FREE);
        }
    }

    /** The holder needs longer. */
    record Renew(long epoch, Duration lease) implements PageMove {
        @Override
        public Decision on(PageEntry page, Instant now) {
            if (movedOn(page, epoch)) {
                return new Refused(Why.MOVED_ON);
            }
            return page.facts() == null && !page.wanted()
                    ? new Refused(Why.NOT_WANTED)
                    : new Next(page.heldUntil(now.plus(lease)));
        }
    }

    /** What the source answered becomes the page. The first one wins and stays. */
    record Capture(long epoch, CaptureFacts facts) implements PageMove {
        @Override
        public Decision on(PageEntry page, Instant now) {
            if (movedOn(page, epoch) || page.state() != PageState.LEASED) {
                return new Refused(Why.MOVED_ON);
            }
            if (!page.wanted()) {
                return new Refused(Why.NOT_WANTED);
            }
            return facts.capturedAt().equals(eventTime(now))
                    ? new Next(page.captured(facts))
                    : new Refused(Why.WRONG_TIME);
        }
    }

    /** The page's rows are written, in the same transaction. */
    record Store(long epoch) implements PageMove {
        @Override
        public Decision on(PageEntry page, Instant now) {
            if (page.stored()) {
                return new Already();
            }
            if (movedOn(page, epoch)) {
                return new Refused(Why.MOVED_ON);
            }
            return page.state() == PageState.CAPTURED ? new Next(page.withRows()) : new Refused(Why.TOO_EARLY);
        }
    }

    /** Kafka has acknowledged every record of the page; with its rows stored it is complete. */
    record Complete(long epoch) implements PageMove {
        @Override
        public Decision on(PageEntry page, Instant now) {
            if (page.state() == PageState.COMPLETE && page.epoch() == epoch) {
                return new Already(); // the answer to the first try was lost
            }
            if (movedOn(page, epoch)) {
                return new Refused(Why.MOVED_ON);
            }
            return page.state() == PageState.CAPTURED && page.stored()
                    ? new Next(page.complete(now))
                    : new Refused(Why.TOO_EARLY);
        }
    }

    /**
     * The holder could not finish.
     *
     * @param counts the page itself is at fault; servers that are away cost it nothing
     * @param pause before it is tried again; where it counts, twice as long after each attempt
     */
    record GiveBack(long epoch, boolean counts, Duration pause, String cause) implements PageMove {
        @Override
        public Decision on(PageEntry page, Instant now) {
            if (movedOn(page, epoch)) {
                return new Refused(Why.MOVED_ON);
            }
            return counts
                    ? new Next(page.failed(
                            page.attempts() + 1, now.plus(pause.multipliedBy(1L << page.attempts())), cause))
                    : new Next(page.failed(page.attempts(), now.plus(pause), cause));
        }
    }

    /** The holder stops for no fault of the page: free at once. */
    record Release(long epoch) implements PageMove {
        @Override
        public Decision on(PageEntry page, Instant now) {
            return movedOn(page, epoch) ? new Refused(Why.MOVED_ON) : new Next(page.freed(page.epoch()));
        }
    }

    /**
     * The next life of an instance frees what its former lives held. The epoch moves on, so that a former life which is
     * still there, or a second process of the same name, can only repeat.
     */
    record Succeed(String holder) implements PageMove {
        @Override
        public Decision on(PageEntry page, Instant now) {
            Hold hold = page.hold();
            return page.isOpen() && hold != null && isFormerLife(hold.holder())
                    ? new Next(page.freed(page.epoch() + 1))
                    : new Refused(Why.MOVED_ON);
        }

        private boolean isFormerLife(String other) {
            return !other.equals(holder) && instance(other).equals(instance(holder));
        }

        /** What all lives of an instance begin with. */
        public static String instance(String holder) {
            return holder.substring(0, holder.lastIndexOf('/') + 1);
        }
    }

    /** A page that was given up is tried again, from where it stood. */
    record Redrive() implements PageMove {
        @Override
        public Decision on(PageEntry page, Instant now) {
            return page.state() == PageState.QUARANTINED ? new Next(page.tried(now)) : new Refused(Why.MOVED_ON);
        }
    }

    private static boolean movedOn(PageEntry page, long epoch) {
        return page.epoch() != epoch || page.hold() == null || !page.isOpen();
    }
}
