package io.tributary.ingest.api;

import static io.tributary.ingest.api.ApiUnderTest.json;
import static io.tributary.ingest.api.FakeLedger.progress;
import static io.tributary.ingest.api.FakeLedger.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.StoreFailed;
import io.tributary.ingest.model.Run;
import io.tributary.ingest.model.RunProgress;
import io.tributary.ingest.model.RunState;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A run listened to over HTTP. */
class EventStreamTest {
    private static final UUID ONE = new UUID(0, 1);
    private static final String EVENTS = "/api/v1/runs/" + ONE + "/events";

    private final ApiUnderTest api = new ApiUnderTest();
    private final List<Listening> listening = new ArrayList<>();

    @AfterEach
    void close() {
        listening.forEach(Listening::close);
        api.close();
    }

    @Test
    void eachChangeIsAnEventAndTheLastSaysSettled() {
        // Given
        api.ledger.hold(progress(run(1, RunState.RUNNING), 100));
        Listening listener = listen(api);
        assertThat(listener.head()).startsWith("HTTP/1.0 200 ").containsIgnoringCase("content-type: text/event-stream");
        assertThat(captured(listener.next())).isEqualTo("progress 100");
        // When
        api.ledger.hold(progress(run(1, RunState.RUNNING), 200));
        String second = captured(listener.next());
        api.ledger.hold(progress(run(1, RunState.COMPLETE), 1_000));
        String ended = captured(listener.next());
        api.counted = Mono.just(997L);
        String settled = captured(listener.next());
        // Then
        assertThat(second).isEqualTo("progress 200");
        assertThat(ended).isEqualTo("progress 1000"); // ended, but not counted yet
        assertThat(settled).isEqualTo("settled 1000");
        assertThat(listener.next()).isNull();
    }

    @Test
    void anUnchangedRunIsSilent() {
        // Given
        api.ledger.hold(progress(run(1, RunState.RUNNING), 100));
        Listening listener = listen(api);
        listener.head();
        listener.next();
        // When it was looked at many times more
        awaitLooks(api, api.ledger.looks.get() + 100);
        api.ledger.hold(progress(run(1, RunState.RUNNING), 200));
        // Then the next thing heard is the change
        assertThat(captured(listener.next())).isEqualTo("progress 200");
    }

    @Test
    void aRunThatHasSettledBeforeSaysSoAtOnce() {
        // Given
        api.ledger.hold(progress(run(1, RunState.INCOMPLETE), 1_000));
        api.counted = Mono.just(997L);
        // When
        Listening listener = listen(api);
        listener.head();
        // Then
        assertThat(captured(listener.next())).isEqualTo("settled 1000");
        assertThat(listener.next()).isNull();
    }

    @Test
    void aRunSettlesWithoutTheUsersOfPagesThatWereGivenUpAfterTheirCapture() {
        // Given
        api.ledger.hold(new RunProgress(run(1, RunState.INCOMPLETE), Map.of(), 1_000, 900, 900, 3, 100));
        api.counted = Mono.just(896L);
        Listening listener = listen(api);
        listener.head();
        String tooFew = captured(listener.next());
        // When
        api.counted = Mono.just(897L);
        // Then
        assertThat(tooFew).isEqualTo("progress 1000");
        assertThat(captured(listener.next())).isEqualTo("settled 1000");
    }

    @Test
    void theConnectionCanBeUsedAgainAfterASettledRun() throws Exception {
        // Given
        api.ledger.hold(progress(run(1, RunState.COMPLETE), 1_000));
        api.counted = Mono.just(997L);
        // When
        String reply = api.say("GET " + EVENTS + " HTTP/1.1\r\nHost: x\r\n\r\n"
                + "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        // Then
        assertThat(reply.split("HTTP/1.1 200 ")).hasSize(3);
    }

    @Test
    void listenersOfARunShareOneLookAndANewcomerIsToldTheStateAtOnce() {
        // Given
        AtomicInteger looking = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        api.ledger.looking = found -> found.delayElement(Duration.ofMillis(2))
                .doOnSubscribe(look -> most.accumulateAndGet(looking.incrementAndGet(), Math::max))
                .doFinally(end -> looking.decrementAndGet());
        api.ledger.hold(progress(run(1, RunState.RUNNING), 100));
        // When
        List<Listening> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Listening one = listen(api);
            one.head();
            assertThat(captured(one.next())).isEqualTo("progress 100");
            all.add(one);
        }
        api.ledger.hold(progress(run(1, RunState.RUNNING), 200));
        // Then
        assertThat(all).allSatisfy(one -> assertThat(captured(one.next())).isEqualTo("progress 200"));
        assertThat(most).hasValue(1);
    }

    @Test
    void oneListenerTooManyIsSentAwayUntilAnotherLeaves() {
        // Given
        api.ledger.hold(progress(run(1, RunState.RUNNING), 100));
        for (int i = 0; i < 8; i++) {
            listen(api).head();
        }
        // When
        ApiUnderTest.Reply ninth = api.get(EVENTS);
        listening.get(0).close();
        // Then
        assertThat(ninth.problem()).isEqualTo("503");
        assertThat(ninth.header("Retry-After")).isEqualTo("2");
        assertThat(headOnceThereIsRoom(api)).contains("text/event-stream");
    }

    @Test
    void byDefaultFiveHundredAndTwelveAreToldTheEndAndOneMoreHasAConnectionToBeSentAwayOn() {
        try (ApiUnderTest usual = new ApiUnderTest(ApiLimits.DEFAULT)) {
            // Given
            usual.counted = Mono.just(997L);
            usual.ledger.hold(progress(run(1, RunState.RUNNING), 100));
            List<Listening> all = new ArrayList<>();
            for (int i = 0; i < 512; i++) {
                Listening one = listen(usual);
                one.head();
                assertThat(captured(one.next())).isEqualTo("progress 100");
                all.add(one);
            }
            // When
            ApiUnderTest.Reply oneMore = usual.get(EVENTS);
            usual.ledger.hold(progress(run(1, RunState.COMPLETE), 1_000));
            // Then
            assertThat(oneMore.problem()).isEqualTo("503");
            assertThat(all).allSatisfy(one -> assertThat(captured(one.next())).isEqualTo("settled 1000"));
        }
    }

    @Test
    void nobodyLooksOnceTheLastListenerHasLeft() throws Exception {
        // Given
        CountDownLatch left = new CountDownLatch(1);
        api.ledger.hold(progress(run(1, RunState.RUNNING), 100));
        Listening listener = listen(api);
        listener.head();
        listener.next();
        CountDownLatch looking = new CountDownLatch(1);
        api.ledger.looking = found -> Mono.<RunProgress>never()
                .doOnSubscribe(look -> looking.countDown())
                .doOnCancel(left::countDown);
        assertThat(looking.await(20, TimeUnit.SECONDS)).isTrue();
        // When
        listener.close();
        // Then the look that was going on is cancelled
        assertThat(left.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aSlowListenerSkipsWhatWasBetweenAndIsToldTheLast() throws Exception {
        // Given each event is some 100 kB, and each look finds another
        AtomicInteger looks = new AtomicInteger();
        CountDownLatch ended = new CountDownLatch(1);
        int changes = 1_000;
        api.ledger.looking = found -> Mono.fromSupplier(() -> {
            int look = Math.min(looks.incrementAndGet(), changes);
            if (look == changes) {
                ended.countDown();
            }
            return progress(large(look == changes ? RunState.COMPLETE : RunState.RUNNING), 1_000 + look);
        });
        api.counted = Mono.just(1_000L + changes - 3);
        Listening slow = listen(api);
        slow.head();
        // When it reads nothing until all has changed
        assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
        List<String> heard = new ArrayList<>();
        for (String event = slow.next(); event != null; event = slow.next()) {
            heard.add(captured(event));
        }
        // Then
        assertThat(heard.get(heard.size() - 1)).isEqualTo("settled " + (1_000 + changes));
        assertThat(heard).doesNotHaveDuplicates().hasSizeLessThan(changes / 2);
    }

    @Test
    void aListenerThatDoesNotReadIsCutOffInTimeAndItsPlaceIsFree() throws Exception {
        ApiLimits limits = TestLimits.with(l -> {
            l.send = Duration.ofMillis(200);
            l.eventClients = 1;
        });
        try (ApiUnderTest hasty = new ApiUnderTest(limits)) {
            // Given
            AtomicInteger looks = new AtomicInteger();
            hasty.ledger.looking =
                    found -> Mono.fromSupplier(() -> progress(large(RunState.RUNNING), looks.incrementAndGet()));
            Listening stuck = listen(hasty);
            stuck.head();
            // When
            String head = headOnceThereIsRoom(hasty);
            // Then
            assertThat(head).contains("text/event-stream"); // or this test does not end
        }
    }

    @Test
    void aListenerIsToldThatNothingIsWrongWhileNothingChanges() throws Exception {
        ApiLimits limits = TestLimits.with(l -> {
            l.heartbeat = Duration.ofMillis(20);
            l.receive = Duration.ofMillis(50);
            l.send = Duration.ofMillis(50);
        });
        try (ApiUnderTest lively = new ApiUnderTest(limits)) {
            // Given
            lively.ledger.hold(progress(run(1, RunState.RUNNING), 100));
            Listening listener = listen(lively);
            listener.head();
            listener.next();
            // When
            List<String> heard = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                heard.add(listener.next());
            }
            // Then it outlives the deadlines of requests and answers
            assertThat(heard).containsOnly(":");
        }
    }

    @Test
    void aLedgerThatFailsForAWhileDoesNotEndTheStream() {
        // Given
        api.ledger.hold(progress(run(1, RunState.RUNNING), 100));
        Listening listener = listen(api);
        listener.head();
        listener.next();
        // When
        api.ledger.looking = found -> Mono.error(new StoreFailed(Kind.TRANSIENT, "10.1.2.3 refused", null));
        String comment = listener.next();
        api.ledger.hold(progress(run(1, RunState.RUNNING), 200));
        api.ledger.looking = found -> found;
        String after = listener.next();
        // Then
        assertThat(comment).isEqualTo(": the ledger does not answer, it is asked again");
        assertThat(captured(after)).isEqualTo("progress 200");
    }

    @Test
    void aBugEndsTheStreamWithAnIdAndNothingElse() {
        // Given
        api.ledger.hold(progress(run(1, RunState.RUNNING), 100));
        Listening listener = listen(api);
        listener.head();
        listener.next();
        // When
        api.ledger.looking = found -> Mono.error(new IllegalStateException("secret insides"));
        String last = listener.next();
        // Then
        assertThat(last).matches(": .* error [0-9a-f]{8}");
        assertThat(listener.next()).isNull();
    }

    @Test
    void closingTheApiEndsItsStreams() {
        // Given
        ApiUnderTest other = new ApiUnderTest();
        AtomicInteger looking = new AtomicInteger();
        other.ledger.looking = found -> found.doOnSubscribe(look -> looking.incrementAndGet());
        other.ledger.hold(progress(run(1, RunState.RUNNING), 100));
        Listening listener = listen(other);
        listener.head();
        listener.next();
        // When
        other.close();
        // Then
        assertThat(listener.next()).isNull();
    }

    private static Run large(RunState state) {
        Run small = run(1, state);
        return new Run(
                ONE,
                state,
                small.windowStart(),
                small.windowEnd(),
                small.users(),
                small.pageSize(),
                small.seed(),
                Collections.nCopies(20_000, "FR"),
                small.gender(),
                small.createdAt(),
                small.finishedAt());
    }

    private static void awaitLooks(ApiUnderTest api, int looks) {
        Flux.interval(Duration.ofMillis(1))
                .takeUntil(tick -> api.ledger.looks.get() >= looks)
                .blockLast(Duration.ofSeconds(20));
    }

    /** Tries until it is let in: a place is free only once the server saw the last one leave. */
    private static String headOnceThereIsRoom(ApiUnderTest api) {
        while (true) {
            Listening one = new Listening(api.port);
            String head = one.head();
            one.close();
            if (!head.contains(" 503 ")) {
                return head;
            }
        }
    }

    /** An event as its name and the users captured. */
    private static String captured(String event) {
        String[] lines = event.split("\n");
        assertThat(lines).hasSize(2);
        assertThat(lines[1]).startsWith("data: {");
        return lines[0].replace("event: ", "") + " "
                + json(lines[1].substring("data: ".length()))
                        .at("/progress/captured")
                        .longValue();
    }

    private Listening listen(ApiUnderTest to) {
        Listening one = new Listening(to.port);
        listening.add(one);
        return one;
    }

    /** A listener on a raw connection with small buffers: nothing is read before it is asked for. */
    private static final class Listening {
        private final Socket socket = new Socket();
        private final BufferedReader in;

        Listening(int port) {
            try {
                socket.setReceiveBufferSize(4_096);
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                socket.setSoTimeout(20_000);
                socket.getOutputStream()
                        .write(("GET " + EVENTS + " HTTP/1.0\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
                in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8), 1_024);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        String head() {
            return next();
        }

        /** The lines to the next empty one; null at the end. */
        String next() {
            try {
                List<String> lines = new ArrayList<>();
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    if (line.isEmpty()) {
                        return String.join("\n", lines);
                    }
                    lines.add(line);
                }
                return null;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void close() {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
