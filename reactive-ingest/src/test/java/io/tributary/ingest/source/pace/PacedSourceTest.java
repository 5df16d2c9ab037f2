package io.tributary.ingest.source.pace;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingest.model.FetchedPage;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.SourceFailed;
import io.tributary.ingest.model.PageRequest;
import io.tributary.ingest.model.ParsedPage;
import io.tributary.ingest.source.PageSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

class PacedSourceTest {
    private static final int SLOTS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final PageRequest PAGE = new PageRequest(new UUID(1, 1), 1, 500, "abc", 1, List.of(), null);
    private static final FetchedPage FETCHED = new FetchedPage(new byte[0], new ParsedPage(List.of(), List.of()));

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final List<Long> askedAtMs = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private PageSource target = page -> Mono.just(FETCHED);

    @AfterEach
    void stop() {
        time.dispose();
    }

    @Test
    void aSourceInTroubleIsAskedAboutOnceASlotAndPause() {
        // Given
        target = page -> Mono.error(failure(Kind.TRANSIENT, null, null, false));
        PacedSource source = paced();
        // When: as many slots as the pipeline has, each taking the next page when its last one failed
        Disposable slots = Flux.range(0, SLOTS)
                .flatMap(
                        slot -> Mono.defer(() -> source.isOpen() ? source.fetch(PAGE) : Mono.empty())
                                .onErrorComplete()
                                .then(Mono.delay(Duration.ofMillis(500), time))
                                .repeat(),
                        SLOTS)
                .subscribe();
        time.advanceTimeBy(Duration.ofSeconds(60));
        slots.dispose();
        // Then: three until the circuit opens, then one after 3, 6, 12 and 24 s, and a question after each
        assertThat(askedAtMs).hasSizeBetween(2 * (SLOTS + 2), 2 * (2 * SLOTS + 2));
    }

    @Test
    void oneFailureAmongManyStopsNobody() {
        // Given
        target = page -> askedAtMs.size() % 10 == 9
                ? Mono.error(failure(Kind.TRANSIENT, null, null, false))
                : Mono.just(FETCHED);
        PacedSource source = paced();
        // When
        for (int i = 0; i < 50; i++) {
            source.fetch(PAGE).onErrorComplete().subscribe();
            time.advanceTimeBy(Duration.ofMillis(100));
        }
        // Then: a question after each of the five
        assertThat(askedAtMs).hasSize(50 + 5);
        assertThat(source.isOpen()).isTrue();
    }

    @Test
    void aPageThatTheSourceFailsForAloneIsAtFaultItselfAndSlowsNobody() {
        // Given: one that is asked three times at once
        PacedSource source = paced();
        Flux.range(0, 50).concatMap(n -> source.fetch(PAGE)).blockLast();
        target = page -> page.pageUsers() == PAGE.pageUsers()
                ? Mono.error(failure(Kind.TRANSIENT, null, null, false))
                : Mono.just(FETCHED);
        // When
        List<SourceFailed> failures = failuresOf(source, 20);
        // Then
        assertThat(failures).hasSize(20).allSatisfy(failed -> {
            assertThat(failed.kind()).isEqualTo(Kind.REJECTED);
            assertThat(failed).hasMessage("planted; the source answers others");
            assertThat(failed.retryAfter()).hasValue(Duration.ofSeconds(2));
        });
        assertThat(source.isOpen()).isTrue();
        assertThat(told).isSorted().endsWith("3 at once");
    }

    @Test
    void pagesThatAreRefusedAtOnceDoNotMakeTheOthersLookSlow() {
        // Given
        PacedSource source = paced();
        PageSource well = page -> Mono.just(FETCHED).delayElement(Duration.ofMillis(250), time);
        target = well;
        fetched(source, 60);
        target = page -> Mono.error(failure(Kind.REJECTED, null, null, false));
        fetched(source, 150);
        // When
        target = well;
        fetched(source, 60);
        // Then
        assertThat(told).isSorted().endsWith("3 at once");
    }

    private void fetched(PacedSource source, int pages) {
        Flux.range(0, pages)
                .flatMap(n -> source.fetch(PAGE).onErrorComplete(), SLOTS)
                .subscribe();
        time.advanceTimeBy(Duration.ofMinutes(1));
    }

    @Test
    void aSourceThatAnswersNobodyIsNoPagesFault() {
        // Given
        target = page -> Mono.error(failure(Kind.TRANSIENT, null, null, false));
        // When
        List<SourceFailed> failures = failuresOf(paced(), 20);
        // Then
        assertThat(failures).hasSize(20).allMatch(SourceFailed::isTransient);
    }

    @Test
    void aQuestionThatIsNotAnsweredSoonAccusesNobody() {
        // Given
        target = page -> page.pageUsers() == PAGE.pageUsers()
                ? Mono.error(failure(Kind.TRANSIENT, null, null, false))
                : Mono.never();
        // When
        List<SourceFailed> failures = failuresOf(paced(), 1);
        // Then
        assertThat(failures).singleElement().matches(SourceFailed::isTransient);
    }

    private List<SourceFailed> failuresOf(PacedSource source, int fetches) {
        List<SourceFailed> failures = new ArrayList<>();
        for (int i = 0; i < fetches; i++) {
            source.fetch(PAGE).subscribe(page -> {}, e -> failures.add((SourceFailed) e));
            time.advanceTimeBy(Duration.ofSeconds(6));
        }
        return failures;
    }

    @Tag("bad-input-14")
    @DisplayName("14 · Retry-After 3600 is honoured up to a cap, with jitter")
    @Test
    void thePauseThatTheSourceAskedForIsKeptUpToTenMinutesAndUpToATenthLonger() {
        // Given
        target = page -> Mono.error(failure(Kind.TRANSIENT, null, Duration.ofHours(1), true));
        PacedSource source = paced();
        source.fetch(PAGE).onErrorComplete().subscribe();
        // Then: with half of the jitter
        time.advanceTimeBy(Duration.ofSeconds(628));
        assertThat(source.isOpen()).isFalse();
        time.advanceTimeBy(Duration.ofSeconds(2));
        assertThat(source.isOpen()).isTrue();
        assertThat(told).contains("refused", "paused PT10M30S");
        assertThat(askedAtMs).hasSize(1);
    }

    @Test
    void whoWouldWaitLongerThanThePatienceIsRefusedAtOnceAndCostsNoRequest() {
        // Given
        target = page -> Mono.error(failure(Kind.TRANSIENT, null, Duration.ofMinutes(1), true));
        PacedSource source = paced();
        source.fetch(PAGE).onErrorComplete().subscribe();
        List<Throwable> failures = new ArrayList<>();
        // When
        source.fetch(PAGE).subscribe(page -> {}, failures::add);
        // Then
        assertThat(failures)
                .singleElement()
                .isInstanceOfSatisfying(
                        SourceFailed.class,
                        failed -> assertThat(failed.isTransient()).isTrue());
        assertThat(askedAtMs).hasSize(1);
    }

    @Test
    void aRefusalWithoutATimeIsTriedAgainByOneRequestAlone() {
        // Given
        target = page -> time.now(TimeUnit.MILLISECONDS) < 900
                ? Mono.error(failure(Kind.TRANSIENT, null, null, true))
                : Mono.just(FETCHED).delayElement(Duration.ofMillis(20), time);
        PacedSource source = paced();
        source.fetch(PAGE).onErrorComplete().subscribe();
        List<FetchedPage> fetched = new ArrayList<>();
        // When
        for (int i = 0; i < SLOTS; i++) {
            source.fetch(PAGE).subscribe(fetched::add);
        }
        time.advanceTimeBy(Duration.ofMillis(1_015));
        // Then
        assertThat(askedAtMs).hasSize(2);
        time.advanceTimeBy(Duration.ofSeconds(1));
        assertThat(fetched).hasSize(SLOTS);
    }

    @Test
    void aLostConnectionIsTriedTwiceMoreAndAnythingElseIsNot() {
        // Given
        target = page -> Mono.error(failure(Kind.TRANSIENT, new IOException("reset"), null, false));
        PacedSource source = paced();
        source.fetch(PAGE).onErrorComplete().subscribe();
        time.advanceTimeBy(Duration.ofSeconds(2));
        assertThat(askedAtMs).hasSize(3);
        // When
        askedAtMs.clear();
        target = page -> Mono.error(failure(Kind.REJECTED, null, null, false));
        time.advanceTimeBy(Duration.ofSeconds(10));
        source.fetch(PAGE).onErrorComplete().subscribe();
        time.advanceTimeBy(Duration.ofSeconds(2));
        // Then
        assertThat(askedAtMs).hasSize(1);
    }

    @Test
    void aSourceThatIsWellIsAskedMoreAtOnceUpToTheBound() {
        // Given
        target = page -> Mono.just(FETCHED).delayElement(Duration.ofMillis(20), time);
        PacedSource source = paced();
        // When
        Disposable slots =
                Flux.range(0, 1_000).flatMap(n -> source.fetch(PAGE), 10).subscribe();
        time.advanceTimeBy(Duration.ofSeconds(5));
        slots.dispose();
        // Then
        assertThat(told).contains("1 at once", "2 at once", "3 at once").doesNotContain("4 at once");
    }

    @Test
    void aCancelGivesTheTurnBack() {
        // Given
        target = page -> Mono.never();
        PacedSource source = paced();
        Disposable fetch = source.fetch(PAGE).subscribe();
        fetch.dispose();
        target = page -> Mono.just(FETCHED);
        List<FetchedPage> fetched = new ArrayList<>();
        // When
        source.fetch(PAGE).subscribe(fetched::add);
        // Then
        assertThat(fetched).hasSize(1);
    }

    private PacedSource paced() {
        PageSource counted = page -> Mono.defer(() -> {
            askedAtMs.add(time.now(TimeUnit.MILLISECONDS));
            return target.fetch(page);
        });
        return new PacedSource(
                counted,
                new LocalPace(Duration.ofSeconds(30), time),
                SLOTS,
                PATIENCE,
                time,
                () -> 0.5,
                new PaceListener() {
                    @Override
                    public void refused() {
                        told.add("refused");
                    }

                    @Override
                    public void paused(Duration pause) {
                        told.add("paused " + pause);
                    }

                    @Override
                    public void learned(SharedPace.Learned quota) {}

                    @Override
                    public void concurrency(int requests) {
                        told.add(requests + " at once");
                    }
                });
    }

    private static SourceFailed failure(
            Kind kind, @Nullable Throwable cause, @Nullable Duration retryAfter, boolean isOverQuota) {
        return new SourceFailed(kind, "planted", cause, retryAfter, isOverQuota);
    }
}
