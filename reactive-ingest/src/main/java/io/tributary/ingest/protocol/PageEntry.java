package io.tributary.ingest.protocol;

import io.tributary.ingest.model.PageState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the ledger holds of one page.
 *
 * @param epoch the fencing number; grows with every lease
 * @param hold who works on it now; null when nobody does
 * @param attempts failures that count, see {@link PageMove#ATTEMPTS}
 * @param notBefore a failed page waits until then
 * @param cause of the last failure
 * @param facts null until it is captured
 * @param stored its rows are in PostgreSQL
 * @param completedAt both sinks have it; null before
 * @param wanted its run still asks for pages: neither ended, nor cancelled, nor overdue
 */
public record PageEntry(
        PageState state,
        long epoch,
        @Nullable Hold hold,
        int attempts,
        Instant notBefore,
        @Nullable String cause,
        @Nullable CaptureFacts facts,
        boolean stored,
        @Nullable Instant completedAt,
        boolean wanted) {

    /**
     * A lease as the ledger holds it.
     *
     * @param holder {@code instance/life}
     * @param since when it was taken
     * @param until when others may take it, unless it is renewed
     */
    public record Hold(String holder, Instant since, Instant until) {}

    /** A page that nobody has touched. */
    public static PageEntry planned(Instant notBefore) {
        return new PageEntry(PageState.PLANNED, 0, null, 0, notBefore, null, null, false, null, true);
    }

    /** A worker may hold it: it has not ended. */
    boolean isOpen() {
        return state == PageState.PLANNED || state == PageState.LEASED || state == PageState.CAPTURED;
    }

    boolean isFree(Instant now) {
        return !notBefore.isAfter(now) && (hold == null || hold.until().isBefore(now));
    }

    PageEntry leased(Hold by) {
        PageState next = state == PageState.PLANNED ? PageState.LEASED : state;
        return new PageEntry(next, epoch + 1, by, attempts, notBefore, cause, facts, stored, completedAt, wanted);
    }

    PageEntry heldUntil(Instant until) {
        Hold renewed = hold == null ? null : new Hold(hold.holder(), hold.since(), until);
        return new PageEntry(state, epoch, renewed, attempts, notBefore, cause, facts, stored, completedAt, wanted);
    }

    PageEntry captured(CaptureFacts once) {
        return new PageEntry(
                PageState.CAPTURED, epoch, hold, attempts, notBefore, cause, once, stored, completedAt, wanted);
    }

    PageEntry withRows() {
        return new PageEntry(state, epoch, hold, attempts, notBefore, cause, facts, true, completedAt, wanted);
    }

    PageEntry complete(Instant now) {
        return new PageEntry(PageState.COMPLETE, epoch, null, attempts, notBefore, null, facts, stored, now, wanted);
    }

    PageEntry failed(int times, Instant retryAt, String why) {
        return new PageEntry(
                times >= PageMove.ATTEMPTS ? PageState.QUARANTINED : unheld(),
                epoch,
                null,
                times,
                retryAt,
                why,
                facts,
                stored,
                completedAt,
                wanted);
    }

    PageEntry freed(long nextEpoch) {
        return new PageEntry(unheld(), nextEpoch, null, attempts, notBefore, cause, facts, stored, completedAt, wanted);
    }

    PageEntry tried(Instant again) {
        PageState next = facts == null ? PageState.PLANNED : PageState.CAPTURED;
        return new PageEntry(next, epoch, null, 0, again, null, facts, stored, completedAt, wanted);
    }

    private PageState unheld() {
        return state == PageState.LEASED ? PageState.PLANNED : state;
    }
}
