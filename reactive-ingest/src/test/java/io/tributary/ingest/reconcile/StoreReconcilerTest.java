package io.tributary.ingest.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tributary.ingest.model.IngestException.ReadFailed;
import io.tributary.ingest.reconcile.PageSums.CountedPage;
import io.tributary.ingest.reconcile.PageSums.Share;
import io.tributary.ingest.reconcile.Reconciliation.Drift;
import io.tributary.schemas.UserEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class StoreReconcilerTest {
    private static final Sample RUN = Sample.of(30, 10);

    private final SampleLedger ledger = new SampleLedger(RUN);
    private Function<Slice, Flux<PageContent>> postgres = StoreReconcilerTest::everyPage;
    private Function<Slice, Flux<PageContent>> kafka = StoreReconcilerTest::everyPage;
    private Function<Slice, Flux<CountedPage>> sums = StoreReconcilerTest::everySum;
    private UserLookup users = event -> Mono.empty();

    @Test
    void storesThatHoldTheSameAreEqual() {
        // When
        Reconciliation result = reconciled(false);
        // Then
        assertThat(result.equal()).isTrue();
        assertThat(result.ledger()).isEqualTo(RUN.digest());
        assertThat(result.postgres()).isEqualTo(RUN.digest());
        assertThat(result.kafka()).isEqualTo(RUN.digest());
        assertThat(result.cassandra()).isEqualTo(RUN.digest());
        assertThat(result.kafkaRecords()).isEqualTo(30);
        assertThat(result.seconds()).containsOnlyKeys("postgres", "kafka", "cassandra");
    }

    @Test
    void nothingIsReadBackWhereNothingDiffers() {
        // When
        reconciled(false);
        // Then
        assertThat(ledger.originals).hasValue(0);
    }

    @Test
    void oneStoredResponseServesBothStoresThatDifferInItsPage() {
        // Given
        postgres = slice -> Flux.just(RUN.content(1), changed(2, 4), RUN.content(3));
        kafka = slice -> Flux.just(RUN.content(1), changed(2, 6), RUN.content(3));
        // When
        Reconciliation result = reconciled(false);
        // Then
        assertThat(result.drift())
                .containsExactly(new Drift("postgres", 2, 4, "user differs"), new Drift("kafka", 2, 6, "user differs"));
        assertThat(ledger.originals).hasValue(1);
    }

    @Test
    void aStoreThatCanNotBeReadFailsAllOfItByName() {
        // Given
        kafka = slice -> Flux.error(new ReadFailed("kafka could not be read: gone", null));
        // When
        StepVerifier.create(reconciler().reconcile(RUN.run(), false))
                // Then
                .verifyErrorSatisfies(
                        e -> assertThat(e).isInstanceOf(ReadFailed.class).hasMessageContaining("kafka"));
    }

    @Test
    void aStoreThatNeverEndsIsGivenUpByName() {
        // Given
        postgres = slice -> Flux.never();
        // When
        StepVerifier.withVirtualTime(() -> reconciler().reconcile(RUN.run(), false))
                .thenAwait(Duration.ofHours(1))
                // Then
                .expectErrorSatisfies(
                        e -> assertThat(e).isInstanceOf(ReadFailed.class).hasMessageContaining("postgres"))
                .verify(Duration.ofSeconds(30)); // real time, only reached by a defect
    }

    @Test
    void moreThanTwoAtOnceAreRefusedAndAPlaceIsFreeAgainAfterACancel() {
        // Given
        postgres = slice -> Flux.never();
        StoreReconciler reconciler = reconciler();
        var first = reconciler.reconcile(RUN.run(), false).subscribe();
        var second = reconciler.reconcile(RUN.run(), false).subscribe();
        // When
        StepVerifier.create(reconciler.reconcile(RUN.run(), false)).verifyError(ReadFailed.class);
        first.dispose();
        postgres = StoreReconcilerTest::everyPage;
        // Then
        StepVerifier.create(reconciler.reconcile(RUN.run(), false))
                .expectNextMatches(Reconciliation::equal)
                .verifyComplete();
        second.dispose();
    }

    @Test
    void deepLooksUpEveryUserAndNamesWhereOneDiffers() {
        // Given
        List<String> asked = new ArrayList<>();
        users = event -> {
            asked.add(event.page() + "/" + event.position());
            return at(event, 3, 9) ? Mono.just("users_by_id: last_name differs") : Mono.empty();
        };
        // When
        Reconciliation result = reconciled(true);
        // Then
        assertThat(asked).hasSize(30).doesNotHaveDuplicates();
        assertThat(result.drift()).containsExactly(new Drift("cassandra", 3, 9, "users_by_id: last_name differs"));
        assertThat(result.equal()).isFalse();
        assertThat(result.seconds()).containsKey("deep");
    }

    @Test
    void deepHasNoMoreThanItsBoundOfReadsInFlight() {
        // Given
        AtomicInteger inFlight = new AtomicInteger();
        users = event -> Mono.<String>never().doOnSubscribe(s -> inFlight.incrementAndGet());
        Sample large = Sample.of(1_000, 100);
        StoreReconciler reconciler = new StoreReconciler(
                new SampleLedger(large),
                reader("postgres", s -> Flux.empty()),
                reader("kafka", s -> Flux.empty()),
                pageSums(s -> Flux.empty()),
                event -> users.difference(event),
                List.of());
        // When
        var running = reconciler.reconcile(large.run(), true).subscribe();
        // Then
        assertThat(inFlight).hasValue(64);
        running.dispose();
    }

    @Test
    void aLostResponseIsDriftAndTheOtherPagesAreStillLookedUp() {
        // Given
        ledger.lost.add(2);
        AtomicInteger asked = new AtomicInteger();
        users = event -> Mono.fromRunnable(asked::incrementAndGet);
        postgres = slice -> Flux.just(RUN.content(1), changed(2, 4), RUN.content(3));
        // When
        Reconciliation result = reconciled(true);
        // Then
        assertThat(asked).hasValue(20);
        assertThat(result.drift())
                .extracting(Drift::page, Drift::position, Drift::what)
                .containsExactlyInAnyOrder(
                        tuple(2, null, "stored response is not what was captured"),
                        tuple(
                                2,
                                null,
                                "page differs: " + changed(2, 4).digest() + "; ledger "
                                        + RUN.content(2).digest()));
    }

    @Test
    void aLargeRunIsComparedSliceBySliceAndItsStoresAreAskedForNeighbouringPages() {
        // Given
        Sample large = Sample.of(5_000_000, 5_000);
        List<String> asked = new ArrayList<>();
        StoreReader reader = reader("postgres", slice -> {
            asked.add(slice.readFrom() + ".." + slice.readTo());
            return Flux.empty();
        });
        SampleLedger none = new SampleLedger(Sample.of(1, 1));
        StoreReconciler reconciler = new StoreReconciler(
                none, reader, reader("kafka", s -> Flux.empty()), pageSums(s -> Flux.empty()), users, List.of());
        // When
        StepVerifier.create(reconciler.reconcile(large.run(), false))
                .expectNextCount(1)
                .verifyComplete();
        // Then
        assertThat(asked).containsExactly(Integer.MIN_VALUE + "..400", "401..800", "801.." + Integer.MAX_VALUE);
    }

    private Reconciliation reconciled(boolean deep) {
        return reconciler().reconcile(RUN.run(), deep).block();
    }

    private StoreReconciler reconciler() {
        return new StoreReconciler(
                ledger,
                reader("postgres", slice -> postgres.apply(slice)),
                reader("kafka", slice -> kafka.apply(slice)),
                pageSums(slice -> sums.apply(slice)),
                event -> users.difference(event),
                List.of());
    }

    private static StoreReader reader(String store, Function<Slice, Flux<PageContent>> pages) {
        return new StoreReader() {
            @Override
            public String store() {
                return store;
            }

            @Override
            public Flux<PageContent> read(Slice slice) {
                return pages.apply(slice);
            }
        };
    }

    private static PageSums pageSums(Function<Slice, Flux<CountedPage>> counted) {
        return new PageSums() {
            @Override
            public Flux<CountedPage> counted(Slice slice) {
                return counted.apply(slice);
            }

            @Override
            public Flux<Share> shares(Slice slice, List<Instant> windows) {
                return counted.apply(slice)
                        .map(page -> new Share(page.page(), (int) page.counted().users()));
            }
        };
    }

    private static Flux<PageContent> everyPage(Slice slice) {
        return Flux.range(1, 3).map(RUN::content);
    }

    private static Flux<CountedPage> everySum(Slice slice) {
        return Flux.range(1, 3)
                .map(page -> new CountedPage(page, RUN.content(page).digest(), Sample.WINDOW_START));
    }

    private static PageContent changed(int page, int position) {
        PageContent content = new PageContent(page, RUN.pageUsers(page));
        for (UserEvent event : RUN.events(page)) {
            UserEvent stored = event.position() == position ? RUN.event(page, position, "Other") : event;
            content.add(event.position(), Sample.hash(stored));
        }
        return content;
    }

    private static boolean at(UserEvent event, int page, int position) {
        return event.page() == page && event.position() == position;
    }
}
