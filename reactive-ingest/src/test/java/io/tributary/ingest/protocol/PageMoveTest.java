package io.tributary.ingest.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingest.model.PageState;
import io.tributary.ingest.protocol.Decision.Next;
import io.tributary.ingest.protocol.Decision.Refused;
import io.tributary.ingest.protocol.Decision.Why;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PageMoveTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00.123456Z");
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final CaptureFacts FACTS =
            new CaptureFacts(Instant.parse("2026-11-22T10:00:00.123Z"), 1, "00", 1, 1, 1);

    private final PageEntry planned = PageEntry.planned(NOW);

    @Test
    void aSuccessorFreesFormerLivesOfItsOwnNameOnly() {
        PageEntry held = next(planned, new PageMove.Take("a/1", LEASE, true));
        assertThat(next(held, new PageMove.Succeed("a/2")).epoch()).isEqualTo(held.epoch() + 1);
        assertThat(new PageMove.Succeed("a/1").on(held, NOW)).isInstanceOf(Refused.class);
        assertThat(new PageMove.Succeed("b/2").on(held, NOW)).isInstanceOf(Refused.class);
        assertThat(new PageMove.Succeed("a/b/2").on(held, NOW)).isInstanceOf(Refused.class);
    }

    @Test
    void theEventTimeIsTheLedgersClockAndNothingElse() {
        PageEntry held = next(planned, new PageMove.Take("a/1", LEASE, true));
        CaptureFacts stamped = new CaptureFacts(NOW.plusSeconds(1), 1, "00", 1, 1, 1);
        assertThat(new PageMove.Capture(1, stamped).on(held, NOW)).isEqualTo(new Refused(Why.WRONG_TIME));
        assertThat(next(held, new PageMove.Capture(1, FACTS)).facts()).isEqualTo(FACTS);
    }

    @Test
    void aRedrivenPageGoesOnFromWhereItStood() {
        PageEntry captured = next(next(planned, new PageMove.Take("a/1", LEASE, true)), new PageMove.Capture(1, FACTS));
        assertThat(next(quarantined(captured), new PageMove.Redrive()).state()).isEqualTo(PageState.CAPTURED);
        PageEntry never =
                next(quarantined(next(planned, new PageMove.Take("a/1", LEASE, true))), new PageMove.Redrive());
        assertThat(never.state()).isEqualTo(PageState.PLANNED);
        assertThat(never.attempts()).isZero();
    }

    @Test
    void aPageAtFaultWaitsTwiceAsLongAfterEachAttemptAndAnotherNoLonger() {
        PageEntry held = next(planned, new PageMove.Take("a/1", LEASE, true));
        PageEntry once = next(held, givenBack(held, true));
        assertThat(once.notBefore()).isEqualTo(NOW.plusSeconds(2));
        PageEntry again = new PageMove.Take("a/1", LEASE, true).on(once, NOW.plusSeconds(2)) instanceof Next taken
                ? taken.page()
                : once;
        assertThat(next(again, givenBack(again, true)).notBefore()).isEqualTo(NOW.plusSeconds(4));
        PageEntry waits = next(again, givenBack(again, false));
        assertThat(waits.notBefore()).isEqualTo(NOW.plusSeconds(2));
        assertThat(waits.attempts()).isEqualTo(1);
    }

    private static PageMove givenBack(PageEntry page, boolean counts) {
        return new PageMove.GiveBack(page.epoch(), counts, Duration.ofSeconds(2), "planted");
    }

    private static PageEntry quarantined(PageEntry page) {
        PageEntry failing = page;
        for (int attempt = 1; attempt < PageMove.ATTEMPTS; attempt++) {
            failing = next(failing, new PageMove.GiveBack(failing.epoch(), true, Duration.ZERO, "planted"));
            failing = next(failing, new PageMove.Take("a/1", LEASE, true));
        }
        PageEntry given = next(failing, new PageMove.GiveBack(failing.epoch(), true, Duration.ZERO, "planted"));
        assertThat(given.state()).isEqualTo(PageState.QUARANTINED);
        return given;
    }

    private static PageEntry next(PageEntry page, PageMove move) {
        return ((Next) move.on(page, NOW)).page();
    }
}
