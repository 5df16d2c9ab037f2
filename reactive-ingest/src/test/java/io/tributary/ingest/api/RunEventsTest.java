package io.tributary.ingest.api;

import static io.tributary.ingest.api.FakeLedger.progress;
import static io.tributary.ingest.api.FakeLedger.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.StoreFailed;
import io.tributary.ingest.model.RunState;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/** When a run that is listened to is looked at, in virtual time. */
class RunEventsTest {
    private static final UUID ONE = new UUID(0, 1);
    private static final Duration POLL = ApiLimits.DEFAULT.poll();

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final FakeLedger ledger = new FakeLedger();
    private final RunEvents events = new RunEvents(
            new RunViews(ledger, run -> Mono.just(0L), Duration.ofSeconds(1), time), ApiLimits.DEFAULT, time);

    @AfterEach
    void dispose() {
        time.dispose();
    }

    @Test
    void aHundredListenersCostOneLookEachPoll() {
        // Given
        ledger.hold(progress(run(1, RunState.RUNNING), 100));
        for (int i = 0; i < 100; i++) {
            events.listen(ONE).subscribe();
        }
        assertThat(ledger.looks).hasValue(1);
        // When
        time.advanceTimeBy(POLL.multipliedBy(10));
        // Then
        assertThat(ledger.looks).hasValue(11);
    }

    @Test
    void nobodyLooksWhenNobodyListens() {
        // Given
        ledger.hold(progress(run(1, RunState.RUNNING), 100));
        Disposable first = events.listen(ONE).subscribe();
        Disposable second = events.listen(ONE).subscribe();
        time.advanceTimeBy(POLL);
        // When
        first.dispose();
        time.advanceTimeBy(POLL);
        int withOne = ledger.looks.get();
        second.dispose();
        time.advanceTimeBy(Duration.ofHours(1));
        // Then
        assertThat(withOne).isEqualTo(3);
        assertThat(ledger.looks).hasValue(3);
    }

    @Test
    void aListenerAfterAllOthersLeftIsToldTheStateOfNow() {
        // Given
        ledger.hold(progress(run(1, RunState.RUNNING), 100));
        events.listen(ONE).subscribe().dispose();
        ledger.hold(progress(run(1, RunState.RUNNING), 200));
        // When
        StepVerifier.create(events.listen(ONE))
                // Then
                .assertNext(event ->
                        assertThat(event).startsWith("event: progress\n").contains("\"captured\":200"))
                .thenCancel()
                .verify(Duration.ofSeconds(20));
    }

    @Test
    void aSlowListenerGetsTheNewestNextEvenWhenTheLedgerFailedSince() {
        // Given
        ledger.hold(progress(run(1, RunState.RUNNING), 100));
        StepVerifier.create(events.listen(ONE), 1)
                .assertNext(event -> assertThat(event).contains("\"captured\":100"))
                // When
                .then(() -> {
                    ledger.hold(progress(run(1, RunState.RUNNING), 200));
                    time.advanceTimeBy(POLL);
                    ledger.hold(progress(run(1, RunState.RUNNING), 300));
                    time.advanceTimeBy(POLL);
                    ledger.looking = found -> Mono.error(failure());
                    time.advanceTimeBy(POLL);
                })
                .thenRequest(1)
                // Then
                .assertNext(event -> assertThat(event)
                        .contains("\"captured\":300")
                        .endsWith("\n\n: the ledger does not answer, it is asked again\n\n"))
                .thenCancel()
                .verify(Duration.ofSeconds(20));
    }

    @Test
    void aFailingLedgerIsAskedLessAndLessAndGivenUpAfterFiveMinutes() {
        // Given
        ledger.looking = found -> Mono.defer(() -> {
            ledger.looks.incrementAndGet();
            return Mono.error(failure());
        });
        StepVerifier.create(events.listen(ONE))
                .expectNext(": the ledger does not answer, it is asked again\n\n")
                // When
                .then(() -> time.advanceTimeBy(Duration.ofMinutes(5).minusSeconds(1)))
                .then(() -> assertThat(ledger.looks.get()).isBetween(30, 40)) // 0.5, 1, 2, 4, 8, then every 10 s
                .then(() -> time.advanceTimeBy(Duration.ofSeconds(11)))
                // Then
                .expectNext(": the ledger does not answer, come again later\n\n")
                .expectComplete()
                .verify(Duration.ofSeconds(20));
    }

    @Test
    void aLedgerThatAnswersAgainIsForgivenItsFailures() {
        // Given
        ledger.hold(progress(run(1, RunState.RUNNING), 100));
        StepVerifier.create(events.listen(ONE))
                .assertNext(event -> assertThat(event).contains("\"captured\":100"))
                .then(() -> {
                    for (int i = 0; i < 3; i++) {
                        ledger.looking = found -> Mono.error(failure());
                        time.advanceTimeBy(Duration.ofMinutes(4));
                        ledger.looking = found -> found;
                        time.advanceTimeBy(Duration.ofSeconds(11));
                    }
                })
                // When
                .expectNext(": the ledger does not answer, it is asked again\n\n")
                .expectNext(": the ledger does not answer, it is asked again\n\n")
                .expectNext(": the ledger does not answer, it is asked again\n\n")
                .then(() -> ledger.hold(progress(run(1, RunState.RUNNING), 200)))
                .then(() -> time.advanceTimeBy(POLL))
                // Then at the usual pace
                .assertNext(event -> assertThat(event).contains("\"captured\":200"))
                .thenCancel()
                .verify(Duration.ofSeconds(20));
    }

    @Test
    void aLedgerThatHangsCountsAsFailed() {
        // Given
        ledger.looking = found -> Mono.never();
        StepVerifier.create(events.listen(ONE))
                // When
                .then(() -> time.advanceTimeBy(ApiLimits.DEFAULT.answer()))
                // Then
                .expectNext(": the ledger does not answer, it is asked again\n\n")
                .thenCancel()
                .verify(Duration.ofSeconds(20));
    }

    private static StoreFailed failure() {
        return new StoreFailed(Kind.TRANSIENT, "refused", null);
    }
}
