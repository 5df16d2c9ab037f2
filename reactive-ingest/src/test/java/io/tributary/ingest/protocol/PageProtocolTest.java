package io.tributary.ingest.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingest.model.PageState;
import io.tributary.ingest.protocol.Decision.Next;
import io.tributary.ingest.protocol.PageFlow.Event;
import io.tributary.ingest.protocol.PageFlow.Step;
import io.tributary.ingest.protocol.Search.Report;
import io.tributary.ingest.protocol.Search.Violation;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The service's own protocol over everything that can happen to a page, and what goes wrong when one rule is left out. */
class PageProtocolTest {
    private static final int STATES_OF_A_MUTANT = 40_000;

    @Test
    void theChosenProtocolHasNoViolationInAnyReachableState() {
        Report report = tell("chosen", () -> Search.whole(Rules.CHOSEN));
        assertThat(report.violations()).isEmpty();
        assertThat(report.states()).isGreaterThan(50_000);
    }

    @Test
    void aCancelAtAnyTimeViolatesNothingAndEverythingEnds() {
        Report report = tell(
                "with a cancel",
                () -> Search.whole(new Rules() {
                    @Override
                    public boolean cancels() {
                        return true;
                    }

                    @Override
                    public int workers() {
                        return 1;
                    }
                }));
        assertThat(report.violations()).isEmpty();
    }

    @Test
    void withoutACaptureTwoContentsAreFound() {
        // Given: both sinks from memory, each worker with the time of its own fetch
        Rules mutant = new Rules() {
            @Override
            public PageFlow next(PageFlow at, Event event) {
                return at.step() == Step.FETCH && event == Event.DONE ? Rules.at(Step.DELIVER) : at.on(event);
            }

            @Override
            public Decision decide(PageEntry page, PageMove move, Instant now) {
                if (page.state() != PageState.LEASED
                        || !(move instanceof PageMove.Store || move instanceof PageMove.Complete)) {
                    return move.on(page, now);
                }
                Decision decision = move.on(in(PageState.CAPTURED, page), now);
                return move instanceof PageMove.Store && decision instanceof Next next
                        ? new Next(in(PageState.LEASED, next.page()))
                        : decision;
            }
        };
        assertFound("no capture", mutant, Violation.TWO_CONTENTS);
    }

    /** The same page in another state, without what is known of a capture. */
    private static PageEntry in(PageState state, PageEntry page) {
        return new PageEntry(
                state,
                page.epoch(),
                page.hold(),
                page.attempts(),
                page.notBefore(),
                page.cause(),
                null,
                page.stored(),
                page.completedAt(),
                page.wanted());
    }

    @Test
    void publishingBeforeTheCaptureIsKnownToBeDurableIsFound() {
        Rules mutant =
                Rules.following((at, event) -> at.step() == Step.CAPTURE ? Rules.at(Step.DELIVER) : at.on(event));
        assertFound("publish before the commit is known", mutant, Violation.TWO_CONTENTS);
    }

    @Test
    void anEventTimeThatIsStampedAgainIsFound() {
        Rules mutant = new Rules() {
            @Override
            public Instant timeOf(CaptureFacts facts, Instant now) {
                return now;
            }
        };
        assertFound("event time stamped again", mutant, Violation.TWO_EVENT_TIMES);
    }

    @Test
    void completingBeforeBothAcknowledgementsIsFound() {
        Rules mutant = Rules.following((at, event) ->
                at.step() == Step.DELIVER && event == Event.STORED ? Rules.at(Step.COMPLETE) : at.on(event));
        assertFound("complete before both acknowledgements", mutant, Violation.USER_MISSING);
    }

    @Test
    void fetchingAgainInsteadOfReadingBackIsFound() {
        Rules mutant = new Rules() {
            @Override
            public PageFlow first(boolean captured) {
                return PageFlow.of(false);
            }

            @Override
            public PageFlow next(PageFlow at, Event event) {
                // what was captured can not be captured again: from memory, then
                return at.step() == Step.CAPTURE ? Rules.at(Step.DELIVER) : at.on(event);
            }
        };
        assertFound("no read-back", mutant, Violation.TWO_CONTENTS);
    }

    @Test
    void factsThatAreNotWrittenOnceAreFound() {
        Rules mutant = Rules.deciding((page, move, now) -> move instanceof PageMove.Capture capture && page.isOpen()
                ? new Next(page.captured(capture.facts()))
                : move.on(page, now));
        assertFound("capture neither fenced nor once", mutant, Violation.FACTS_CHANGED);
    }

    /** What keeps contents apart is that capture facts are written once; the fence is for the end. */
    @Test
    void evenWithoutTheFenceNoTwoContentsAreFound() {
        Report report = tell(
                "no fence",
                () -> Search.whole(
                        Rules.deciding((page, move, now) -> unfenced(page, move).on(page, now))));
        assertThat(report.violations().keySet()).isSubsetOf(Violation.NO_END);
    }

    private static PageMove unfenced(PageEntry page, PageMove move) {
        if (move instanceof PageMove.Capture capture) {
            return new PageMove.Capture(page.epoch(), capture.facts());
        }
        if (move instanceof PageMove.Store) {
            return new PageMove.Store(page.epoch());
        }
        if (move instanceof PageMove.Complete) {
            return new PageMove.Complete(page.epoch());
        }
        if (move instanceof PageMove.GiveBack back) {
            return new PageMove.GiveBack(page.epoch(), back.counts(), back.pause(), back.cause());
        }
        return move;
    }

    private static void assertFound(String mutant, Rules rules, Violation expected) {
        Report report = tell(mutant, () -> Search.beginning(rules, STATES_OF_A_MUTANT));
        assertThat(report.violations()).containsKey(expected);
    }

    private static Report tell(String what, Supplier<Report> search) {
        long begun = System.nanoTime();
        Report report = search.get();
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        System.out.printf(
                "protocol search, %s: %,d states, %,d moves, %d ms, violations %s%n",
                what, report.states(), report.moves(), took.toMillis(), report.violations());
        report.traces()
                .forEach((violation, trace) -> System.out.println(
                        "  " + violation + " after " + trace.size() + ":\n    " + String.join("\n    ", trace)));
        return report;
    }
}
