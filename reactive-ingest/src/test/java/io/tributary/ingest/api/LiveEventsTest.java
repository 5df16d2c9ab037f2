package io.tributary.ingest.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tributary.ingest.live.Live;
import io.tributary.ingest.metrics.IngestMetrics;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.StoreFailed;
import io.tributary.ingest.replay.Replays;
import io.tributary.ingest.sink.RecordTopics;
import io.tributary.ingest.sink.kafka.TopicProgress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** When everything is looked at, in virtual time. */
class LiveEventsTest {
    private static final Duration LOOK = ApiLimits.DEFAULT.look();

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final IngestMetrics metrics = new IngestMetrics(new SimpleMeterRegistry());
    private final AtomicInteger snapshots = new AtomicInteger();
    private final AtomicInteger questions = new AtomicInteger();
    private Supplier<Mono<Map<String, Optional<String>>>> servers = () -> Mono.just(Map.of("kafka", Optional.empty()));
    private final LiveEvents events = new LiveEvents(live(), ApiLimits.DEFAULT, time);

    @AfterEach
    void dispose() {
        time.dispose();
    }

    @Test
    void aHundredWatchersCostOneSnapshotASecond() {
        // Given
        for (int i = 0; i < 100; i++) {
            events.watch().subscribe();
        }
        // When
        time.advanceTimeBy(LOOK.multipliedBy(10));
        // Then
        assertThat(snapshots).hasValue(10);
    }

    @Test
    void nobodyIsAskedWhenNobodyWatches() {
        // Given
        Disposable first = events.watch().subscribe();
        Disposable second = events.watch().subscribe();
        time.advanceTimeBy(LOOK.multipliedBy(3));
        first.dispose();
        second.dispose();
        int asked = questions.get();
        // When
        time.advanceTimeBy(Duration.ofHours(1));
        // Then
        assertThat(snapshots).hasValue(3);
        assertThat(questions).hasValue(asked);
        assertThat(asked).isPositive();
    }

    @Test
    void whoComesBesideOthersIsToldTheNewestAtOnce() {
        // Given
        List<String> first = new CopyOnWriteArrayList<>();
        events.watch().subscribe(first::add);
        time.advanceTimeBy(LOOK.multipliedBy(3));
        // When
        List<String> second = new CopyOnWriteArrayList<>();
        events.watch().subscribe(second::add);
        // Then
        assertThat(second).containsExactly(first.get(2));
    }

    @Test
    void aWatcherAfterAllOthersLeftIsToldOfNow() {
        // Given
        Disposable first = events.watch().subscribe();
        time.advanceTimeBy(LOOK);
        first.dispose();
        // When
        servers = () -> Mono.just(Map.of("kafka", Optional.of("gone")));
        List<String> told = new CopyOnWriteArrayList<>();
        events.watch().subscribe(told::add);
        time.advanceTimeBy(LOOK);
        // Then
        assertThat(told).hasSize(1).allMatch(event -> event.contains("\"servers\":{\"kafka\":\"gone\"}"));
    }

    @Test
    void aSlowWatcherIsLeftOutOfSnapshotsAndHoldsNobodyUp() {
        // Given
        List<String> slow = new CopyOnWriteArrayList<>();
        BaseSubscriber<String> taking = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {
                subscription.request(1);
            }

            @Override
            protected void hookOnNext(String event) {
                slow.add(event);
            }
        };
        events.watch().subscribe(taking);
        List<String> quick = new CopyOnWriteArrayList<>();
        events.watch().subscribe(quick::add);
        // When
        time.advanceTimeBy(LOOK.multipliedBy(60));
        taking.request(2);
        // Then
        assertThat(quick).hasSize(60);
        assertThat(slow).hasSize(2);
        assertThat(slow.get(1)).isEqualTo(quick.get(59));
    }

    @Test
    void aServerThatNeverAnswersHasOneQuestionAndIsNotKnownBesideTheOthers() {
        // Given
        AtomicInteger asked = new AtomicInteger();
        servers = () -> {
            asked.incrementAndGet();
            return Mono.never();
        };
        List<String> told = new CopyOnWriteArrayList<>();
        events.watch().subscribe(told::add);
        // When
        time.advanceTimeBy(Duration.ofMinutes(1));
        // Then
        assertThat(asked).hasValue(1);
        assertThat(told).hasSize(60).allMatch(event -> event.contains("\"servers\":{}"));
    }

    @Test
    void whatAnsweredOnceIsNotShownForEver() {
        // Given
        AtomicInteger asked = new AtomicInteger();
        servers = () -> asked.getAndIncrement() == 0 ? Mono.just(Map.of("kafka", Optional.of("gone"))) : Mono.never();
        List<String> told = new CopyOnWriteArrayList<>();
        events.watch().subscribe(told::add);
        // When
        time.advanceTimeBy(LOOK.multipliedBy(10));
        // Then
        assertThat(told.get(0)).contains("gone");
        assertThat(told.get(9)).doesNotContain("gone");
    }

    @Test
    void aLedgerThatFailsIsAskedAgainAndToldAsNotKnown() {
        // Given
        List<String> told = new CopyOnWriteArrayList<>();
        events.watch().subscribe(told::add);
        // When
        time.advanceTimeBy(LOOK.multipliedBy(5));
        // Then
        assertThat(told).hasSize(5).allMatch(event -> event.contains("\"runs\":null"));
        assertThat(questions.get()).isGreaterThanOrEqualTo(5);
    }

    private Live live() {
        RecordTopics nowhere = new RecordTopics() {
            @Override
            public Mono<Void> ensure(String topic) {
                return Mono.empty();
            }

            @Override
            public Mono<Void> publish(CapturedPage page, String topic, UUID replay) {
                return Mono.empty();
            }
        };
        return new Live(
                "ingest-1",
                4,
                () -> {
                    snapshots.incrementAndGet();
                    return metrics.reading();
                },
                () -> servers.get(),
                before -> {
                    questions.incrementAndGet();
                    return Mono.error(new StoreFailed(Kind.TRANSIENT, "away", null));
                },
                run -> Mono.just(0L),
                () -> Mono.just(new TopicProgress(10, 10L, 0L, null)),
                query -> Flux.empty(),
                new Replays(new FakeLedger(), nowhere, "users", () -> FakeLedger.CREATED, UUID::randomUUID),
                () -> FakeLedger.CREATED);
    }
}
