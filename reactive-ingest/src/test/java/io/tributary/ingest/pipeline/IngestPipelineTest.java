package io.tributary.ingest.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tributary.ingest.metrics.IngestMetrics;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.LeaseLost;
import io.tributary.ingest.model.IngestException.PublishFailed;
import io.tributary.ingest.model.IngestException.StoreFailed;
import io.tributary.ingest.model.Limits;
import io.tributary.ingest.sink.PageSink;
import io.tributary.ingest.source.PageSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

class IngestPipelineTest {
    private static final int SLOTS = 3;
    private static final Limits LIMITS =
            new Limits(SLOTS, 1024, 1024, Duration.ofSeconds(30), Duration.ofSeconds(30), 4);

    private final List<String> events = new CopyOnWriteArrayList<>();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private PageSource source = request -> Mono.fromSupplier(() -> {
        events.add("fetch " + request.page());
        return Pages.fetched(request);
    });
    private PageSink rows = sink("store");
    private PageSink topic = sink("publish");
    private ScriptedLedger ledger = new ScriptedLedger(events, 0);

    @Test
    void aPageIsCapturedBeforeAnySinkAndCompleteAfterBoth() {
        // Given
        ledger = new ScriptedLedger(events, 1);
        // When
        StepVerifier.create(work().take(1)).expectNextCount(1).verifyComplete();
        // Then
        assertThat(events).startsWith("lease 1", "fetch 1", "capture 1").endsWith("complete 1");
        assertThat(events.subList(3, 5)).containsExactlyInAnyOrder("store 1", "publish 1");
    }

    @Test
    void whileASinkStallsNoMorePagesAreFetchedThanMayBeInFlight() {
        // Given
        ledger = new ScriptedLedger(events, 100);
        rows = page -> Mono.never();
        // When
        StepVerifier.withVirtualTime(this::work)
                .thenAwait(Duration.ofMinutes(1))
                .thenCancel()
                .verify();
        // Then
        assertThat(events).filteredOn(event -> event.startsWith("fetch")).hasSize(SLOTS);
        assertThat(events).filteredOn(event -> event.startsWith("release")).hasSize(SLOTS);
    }

    @Test
    void aPageCapturedBeforeIsReadBackAndNeverFetchedAgain() {
        // Given
        ledger = new ScriptedLedger(events, 1).captured(1);
        // When
        StepVerifier.create(work().take(1)).expectNextCount(1).verifyComplete();
        // Then
        assertThat(events).contains("read back 1", "complete 1").doesNotContain("fetch 1", "capture 1");
    }

    @Test
    void aFailedSinkGivesThePageBackOnceTheOtherHasSettledAndTheOthersGoOn() {
        // Given
        ledger = new ScriptedLedger(events, 3);
        rows = page -> page.lease().request().page() == 2
                ? Mono.error(new StoreFailed(Kind.TRANSIENT, "planted", null))
                : sink("store").deliver(page);
        // When
        StepVerifier.create(work().take(3)).expectNextCount(3).verifyComplete();
        // Then
        assertThat(events)
                .contains("complete 1", "publish 2", "give back 2", "complete 3")
                .doesNotContain("complete 2");
        assertThat(events.indexOf("give back 2")).isGreaterThan(events.indexOf("publish 2"));
    }

    @Test
    void aPageThatBecameAnothersIsDroppedWhereItStands() {
        // Given
        ledger = new ScriptedLedger(events, 1).losingLeases();
        topic = page -> Mono.<Void>never().doOnCancel(() -> events.add("publish stopped"));
        // When
        StepVerifier.withVirtualTime(() -> work().take(1))
                .thenAwait(Duration.ofSeconds(10))
                // Then
                .assertNext(ending -> assertThat(ending.failure()).isInstanceOf(LeaseLost.class))
                .verifyComplete();
        assertThat(events).contains("publish stopped").doesNotContain("complete 1");
    }

    @Test
    void aLeaseIsRenewedEveryThirdOfItWhileASinkIsSlow() {
        // Given
        ledger = new ScriptedLedger(events, 1);
        topic = page -> Mono.delay(Duration.ofSeconds(35)).then();
        // When
        StepVerifier.withVirtualTime(() -> work().take(1))
                .thenAwait(Duration.ofSeconds(36))
                .expectNextCount(1)
                .verifyComplete();
        // Then
        assertThat(events).filteredOn("renew 1"::equals).hasSize(3);
    }

    @Test
    void aWorkerThatCanNotRenewStopsBeforeItsLeaseEnds() {
        // Given
        ledger = new ScriptedLedger(events, 1).renewing(Mono.error(new StoreFailed(Kind.TRANSIENT, "planted", null)));
        topic = page -> Mono.<Void>never().doOnCancel(() -> events.add("publish stopped"));
        // When
        assertStopsBeforeTheLeaseEnds();
    }

    @Test
    void aRenewalThatIsNeverHeardOfDoesNotCount() {
        // Given
        ledger = new ScriptedLedger(events, 1).renewing(Mono.never());
        topic = page -> Mono.<Void>never().doOnCancel(() -> events.add("publish stopped"));
        // When
        assertStopsBeforeTheLeaseEnds();
    }

    @Test
    void aRenewalThatIsHeardOfAtTheLastMomentLeavesNoTimeBeyondTheLease() {
        // Given: the first renewal is made at 10 s and heard of just before 15 s, the others never: the lease ends at
        // 40 s
        AtomicInteger renewals = new AtomicInteger();
        ledger = new ScriptedLedger(events, 1)
                .renewing(Mono.defer(() -> renewals.incrementAndGet() == 1
                        ? Mono.delay(Duration.ofMillis(4_990)).then()
                        : Mono.never()));
        topic = page -> Mono.<Void>never().doOnCancel(() -> events.add("publish stopped"));
        // When
        StepVerifier.withVirtualTime(() -> work().take(1))
                .thenAwait(Duration.ofSeconds(37))
                .then(() -> assertThat(events).doesNotContain("publish stopped"))
                .thenAwait(Duration.ofSeconds(2))
                .assertNext(ending -> assertThat(ending.failure()).isInstanceOf(LeaseLost.class))
                .verifyComplete();
        // Then
        assertThat(events).containsSubsequence("publish stopped", "give back 1");
    }

    private void assertStopsBeforeTheLeaseEnds() {
        StepVerifier.withVirtualTime(() -> work().take(1))
                .thenAwait(LIMITS.lease().minusSeconds(1))
                // Then
                .assertNext(ending -> assertThat(ending.failure()).isInstanceOf(LeaseLost.class))
                .verifyComplete();
        assertThat(events).containsSubsequence("publish stopped", "give back 1").doesNotContain("complete 1");
    }

    @Test
    void anIdleWorkerLooksAgainAtOnceWhenItIsWoken() {
        // Given
        ledger = new ScriptedLedger(events, 0);
        VirtualTimeScheduler.getOrSet();
        try {
            IngestPipeline pipeline = pipeline();
            // When
            StepVerifier.create(pipeline.work().take(1))
                    .then(() -> ledger.plan(1))
                    .then(pipeline::wake)
                    // Then
                    .expectNextCount(1)
                    .verifyComplete();
        } finally {
            VirtualTimeScheduler.reset();
        }
    }

    @Test
    void drainingEndsThePagesInFlightAndTakesNoOther() {
        // Given
        ledger = new ScriptedLedger(events, 100);
        Sinks.One<Boolean> acks = Sinks.one();
        topic = page -> acks.asMono().then();
        IngestPipeline pipeline = pipeline();
        // When
        StepVerifier.create(pipeline.work())
                .then(pipeline::drain)
                .then(() -> acks.tryEmitValue(true))
                // Then
                .expectNextCount(SLOTS)
                .verifyComplete();
        assertThat(events).filteredOn(event -> event.startsWith("complete")).hasSize(SLOTS);
    }

    @Test
    void leasesAreAccountedFor() {
        // Given
        ledger = new ScriptedLedger(events, 4);
        topic = page -> page.lease().request().page() == 3
                ? Mono.error(new PublishFailed(Kind.REJECTED, "planted", null))
                : sink("publish").deliver(page);
        // When
        StepVerifier.create(work().take(4)).expectNextCount(4).verifyComplete();
        // Then
        assertThat(count("pages.leased")).isEqualTo(4);
        assertThat(count("pages.completed")).isEqualTo(3);
        assertThat(count("pages.failed")).isEqualTo(1);
        assertThat(meters.get("tributary.ingest.pages.in.flight").gauge().value())
                .isZero();
        assertThat(count("users.captured")).isEqualTo(8);
        assertThat(count("users.published")).isEqualTo(6);
    }

    private double count(String name) {
        return meters.get("tributary.ingest." + name).counter().count();
    }

    private Flux<PageEnding> work() {
        return pipeline().work();
    }

    private IngestPipeline pipeline() {
        return new IngestPipeline(
                source,
                ledger,
                page -> rows.deliver(page),
                page -> topic.deliver(page),
                LIMITS,
                new IngestMetrics(meters));
    }

    private PageSink sink(String name) {
        return page -> Mono.fromRunnable(() -> events.add(name + " " + number(page)));
    }

    private static int number(CapturedPage page) {
        return page.lease().request().page();
    }
}
