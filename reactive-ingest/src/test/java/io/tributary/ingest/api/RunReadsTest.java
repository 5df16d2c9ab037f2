package io.tributary.ingest.api;

import static io.tributary.ingest.api.ApiUnderTest.json;
import static io.tributary.ingest.api.FakeLedger.progress;
import static io.tributary.ingest.api.FakeLedger.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingest.api.ApiUnderTest.Reply;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.ReadFailed;
import io.tributary.ingest.model.IngestException.StoreFailed;
import io.tributary.ingest.model.RunState;
import io.tributary.ingest.reconcile.Reconciliation;
import io.tributary.ingest.reconcile.Reconciliation.Drift;
import io.tributary.ingest.reconcile.Reconciliation.Phantom;
import io.tributary.ingest.reconcile.Windows.Group;
import io.tributary.ingest.reconcile.Windows.WindowCounts;
import io.tributary.schemas.Digest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

class RunReadsTest {
    private static final Optional<String> UP = Optional.empty();
    private static final String ONE = "/api/v1/runs/" + new UUID(0, 1);

    private final ApiUnderTest api = new ApiUnderTest();

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void aRunIsShownWithItsProgress() {
        // Given
        api.ledger.hold(progress(run(1, RunState.COMPLETE), 1_000));
        api.counted = Mono.just(997L);
        // When
        Reply reply = api.get(ONE);
        // Then
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.json()).isEqualTo(json("""
            {"id":"00000000-0000-0000-0000-000000000001","state":"COMPLETE","windowStart":"2026-01-01T00:00:00Z",
             "windowEnd":"2026-01-01T00:05:00Z","users":1000,"pageSize":100,"pages":10,"seed":"abc","nat":["FR","US"],
             "gender":null,"createdAt":"2026-07-01T12:00:00Z","finishedAt":"2026-07-01T12:01:00Z",
             "pageStates":{"planned":0,"leased":0,"captured":0,"complete":10,"quarantined":0},
             "progress":{"captured":1000,"stored":1000,"published":1000,"deadLetters":3,"counted":997,"settled":true}}\
            """));
    }

    @Test
    void whatCassandraCountedIsNullWhileItCanNotBeAsked() {
        // Given
        api.ledger.hold(progress(run(1, RunState.RUNNING), 100));
        for (Mono<Long> counted : List.<Mono<Long>>of(
                Mono.empty(),
                Mono.error(new ReadFailed("Cassandra", null)),
                Mono.error(new IllegalStateException("a bug")),
                Mono.never())) {
            api.counted = counted;
            // When
            Reply reply = api.get(ONE);
            // Then
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.json().at("/progress/counted").isNull()).isTrue();
            assertThat(reply.json().at("/progress/captured").intValue()).isEqualTo(100);
        }
    }

    @Tag("bad-input-12")
    @DisplayName("12 · an unknown run: 404")
    @ParameterizedTest
    @ValueSource(strings = {"", "/events", "/reconciliation"})
    void aRunThatThereIsNotIsNotFound(String what) {
        // When
        Reply reply = api.get(ONE + what);
        // Then
        assertThat(reply.problem()).isEqualTo("404");
    }

    @Tag("bad-input-12")
    @DisplayName("12 · an id that is no uuid: 400")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "1-1-1-1-1",
                "00000000-0000-0000-0000-00000000000g",
                "..%2f..",
                "%00",
                "%F0%9F%98%80",
                "' or 1=1"
            })
    void anIdThatIsNoUuidIsMalformed(String id) {
        for (String what : List.of("", "/events", "/reconciliation")) {
            // When
            Reply reply = api.get("/api/v1/runs/" + id.replace(" ", "%20") + what);
            // Then
            assertThat(reply.problem()).isEqualTo("400 id");
        }
    }

    @Test
    void runsAreListedAsTheLedgerOrdersThemWithoutWhatCassandraCounted() {
        // Given
        IntStream.rangeClosed(1, 60).forEach(i -> api.ledger.hold(progress(run(i, RunState.COMPLETE), 100)));
        // When
        Reply usual = api.get("/api/v1/runs");
        Reply two = api.get("/api/v1/runs?limit=2");
        // Then
        assertThat(usual.json().get("runs")).hasSize(50);
        assertThat(two.json().at("/runs/0/id").textValue()).isEqualTo(new UUID(0, 59).toString());
        assertThat(two.json().at("/runs/1/progress").toString())
                .isEqualTo("{\"captured\":100,\"stored\":100,\"published\":100,\"deadLetters\":3}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "501", "1000000000000", "x", "", "1.5", "5&limit=6", "%2b5", "٣"})
    void aLimitIsFromOneToFiveHundred(String limit) {
        for (String path : List.of("/api/v1/runs", "/api/v1/windows")) {
            // When
            Reply reply = api.get(path + "?limit=" + limit);
            // Then
            assertThat(reply.problem()).isEqualTo("422 limit");
        }
    }

    @Test
    void aLimitOfFiveHundredIsTaken() {
        // When
        Reply reply = api.get("/api/v1/runs?limit=500");
        // Then
        assertThat(reply.status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/runs?limt=5",
                "/api/v1/windows?x",
                "/api/v1/runs/00000000-0000-0000-0000-000000000001?deep=true"
            })
    void aMisspeltParameterIsMalformed(String path) {
        // When
        Reply reply = api.get(path);
        // Then
        assertThat(reply.problem()).isEqualTo("400");
    }

    @Test
    void aRunningRunIsCancelledOnce() {
        // Given
        api.ledger.hold(progress(run(1, RunState.RUNNING), 100));
        // When
        Reply first = cancel(ONE);
        Reply second = cancel(ONE);
        // Then
        assertThat(first.status()).isEqualTo(200);
        assertThat(first.json().get("state").textValue()).isEqualTo("CANCELLED");
        assertThat(second.problem()).isEqualTo("409");
    }

    @Tag("bad-input-12")
    @DisplayName("12 · cancel of a run that has ended: 409")
    @ParameterizedTest
    @CsvSource({"COMPLETE", "INCOMPLETE", "CANCELLED"})
    void aRunThatHasEndedIsNotCancelled(RunState state) {
        // Given
        api.ledger.hold(progress(run(1, state), 1_000));
        // When
        Reply reply = cancel(ONE);
        // Then
        assertThat(reply.problem()).isEqualTo("409");
    }

    @Test
    void cancellingNeedsARunThatThereIs() {
        // When
        Reply none = cancel(ONE);
        Reply noId = cancel("/api/v1/runs/x");
        // Then
        assertThat(none.problem()).isEqualTo("404");
        assertThat(noId.problem()).isEqualTo("400 id");
    }

    private Reply cancel(String run) {
        return api.send(
                api.request(run + "/cancel").POST(BodyPublishers.noBody()).build());
    }

    @Test
    void aReconciliationIsShownStoreByStore() {
        // Given
        api.ledger.hold(progress(run(1, RunState.COMPLETE), 1_000));
        Digest whole = new Digest(997, -1);
        api.reconciler = (run, deep) -> Mono.just(new Reconciliation(
                run.id(),
                deep,
                whole,
                whole,
                whole,
                1_100,
                new Digest(996, 255),
                List.of(new Drift("cassandra", 3, 17, "users"), new Drift("cassandra", 4, null, "sum")),
                2,
                List.of(new Phantom(new UUID(0, 9), 1_000)),
                Map.of("postgres", 0.25)));
        // When
        Reply reply = api.get(ONE + "/reconciliation?deep=true");
        // Then
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.json()).isEqualTo(json("""
            {"run":"00000000-0000-0000-0000-000000000001","deep":true,
             "ledger":{"users":997,"digest":"ffffffffffffffff"},"postgres":{"users":997,"digest":"ffffffffffffffff"},
             "kafka":{"users":997,"digest":"ffffffffffffffff","records":1100},
             "cassandra":{"users":996,"digest":"00000000000000ff"},"equal":false,
             "drift":[{"store":"cassandra","page":3,"position":17,"what":"users"},
                      {"store":"cassandra","page":4,"position":null,"what":"sum"}],
             "driftTotal":2,"phantomRuns":[{"run":"00000000-0000-0000-0000-000000000009","records":1000}],
             "seconds":{"postgres":0.25}}\
            """));
    }

    @Test
    void aStoreThatCanNotBeReadIsNamed() {
        // Given
        api.ledger.hold(progress(run(1, RunState.COMPLETE), 1_000));
        api.reconciler =
                (run, deep) -> Mono.error(new ReadFailed("Kafka can not be read", new IllegalStateException("x")));
        // When
        Reply reply = api.get(ONE + "/reconciliation");
        // Then
        assertThat(reply.problem()).isEqualTo("503");
        assertThat(reply.json().get("detail").textValue()).isEqualTo("Kafka can not be read");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "TRUE", "true&deep=true"})
    void deepIsTrueOrFalse(String deep) {
        // When
        Reply reply = api.get(ONE + "/reconciliation?deep=" + deep);
        // Then
        assertThat(reply.problem()).isEqualTo("422 deep");
    }

    @Test
    void aCallerThatGoesAwayEndsItsReconciliationAndMakesRoomForTheNext() throws Exception {
        // Given
        api.ledger.hold(progress(run(1, RunState.COMPLETE), 1_000));
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        api.reconciler = (run, deep) -> Mono.<Reconciliation>never()
                .doOnSubscribe(subscription -> started.countDown())
                .doOnCancel(ended::countDown);
        try (var socket = api.connect()) {
            socket.getOutputStream().write(("GET " + ONE + "/reconciliation HTTP/1.1\r\nHost: x\r\n\r\n").getBytes());
            assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();
            Reply meanwhile = api.get(ONE + "/reconciliation");
            assertThat(meanwhile.problem()).isEqualTo("503");
            // When
        }
        // Then
        assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        api.reconciler = (run, deep) -> Mono.error(new ReadFailed("Kafka", null));
        assertThat(api.get(ONE + "/reconciliation").json().get("detail").textValue())
                .isEqualTo("Kafka");
    }

    @Test
    void windowsAreShownWithMeanAges() {
        // Given
        api.windows = Flux.just(
                new WindowCounts(
                        Instant.parse("2026-01-01T00:01:00Z"),
                        List.of(new Group("FR", "female", 3, 3, 100), new Group("FR", "male", 4, 0, 0))),
                new WindowCounts(Instant.parse("2026-01-01T00:00:00Z"), List.of()));
        // When
        Reply two = api.get("/api/v1/windows");
        Reply one = api.get("/api/v1/windows?limit=1");
        Reply sliding = api.get("/api/v1/windows?limit=2&size=PT1H&slide=PT10M");
        // Then
        assertThat(sliding.status()).isEqualTo(200);
        assertThat(api.get("/api/v1/windows?size=soon").problem()).isEqualTo("422 size");
        assertThat(api.get("/api/v1/windows?slide=PT0.5S").problem()).isEqualTo("422 slide");
        assertThat(two.json()).isEqualTo(json("""
            {"windows":[{"windowStart":"2026-01-01T00:01:00Z","users":7,"groups":[
               {"nationality":"FR","gender":"female","users":3,"meanAge":33.33},
               {"nationality":"FR","gender":"male","users":4,"meanAge":null}]},
             {"windowStart":"2026-01-01T00:00:00Z","users":0,"groups":[]}]}\
            """));
        assertThat(one.json().get("windows")).hasSize(1);
    }

    @Test
    void itIsLiveWhateverElseIsDown() {
        // Given
        api.dependencies = Mono.error(new StoreFailed(Kind.TRANSIENT, "down", null));
        // When
        Reply reply = api.get("/health/live");
        // Then
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.json()).isEqualTo(json("{\"status\":\"up\"}"));
    }

    @Test
    void itIsReadyWithoutWhatIsOptional() {
        // Given
        api.dependencies = Mono.just(Map.of("postgres", UP, "kafka", UP, "cassandra", Optional.of("no answer")));
        // When
        Reply reply = api.get("/health/ready");
        // Then
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.json()).isEqualTo(json("""
            {"status":"up","dependencies":{"postgres":"up","kafka":"up","cassandra":"down (optional)"},\
            "reasons":{"cassandra":"no answer"}}\
            """));
    }

    @Test
    void itIsNotReadyWithoutWhatIsRequired() {
        // Given
        api.dependencies = Mono.just(Map.of("postgres", Optional.of("no answer"), "kafka", UP));
        // When
        Reply down = api.get("/health/ready");
        api.dependencies = Mono.just(Map.of("postgres", UP));
        Reply unknown = api.get("/health/ready");
        // Then
        assertThat(down.status()).isEqualTo(503);
        assertThat(down.json()).isEqualTo(json("""
            {"status":"down","dependencies":{"postgres":"down","kafka":"up"},"reasons":{"postgres":"no answer"}}\
            """));
        assertThat(unknown.status()).isEqualTo(503);
    }

    @Test
    void metricsArePrometheusText() {
        // Given
        api.metrics = () -> "# HELP x\nx 1.0\n";
        // When
        Reply reply = api.get("/metrics");
        // Then
        assertThat(reply.http().body()).isEqualTo("# HELP x\nx 1.0\n");
        assertThat(reply.header("Content-Type")).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
    }

    @Test
    void gaugesThatWaitDoNotHoldUpTheOthers() throws Exception {
        // Given
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch scraping = new CountDownLatch(1);
        api.metrics = () -> {
            scraping.countDown();
            try {
                return release.await(20, TimeUnit.SECONDS) ? "x 1.0\n" : "";
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        CompletableFuture<String> scrape = api.http()
                .sendAsync(api.request("/metrics").build(), BodyHandlers.ofString())
                .thenApply(reply -> reply.body());
        assertThat(scraping.await(20, TimeUnit.SECONDS)).isTrue();
        // When
        Reply live = api.get("/health/live");
        release.countDown();
        // Then
        assertThat(live.status()).isEqualTo(200);
        assertThat(scrape.get(20, TimeUnit.SECONDS)).isEqualTo("x 1.0\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/page",
                "/index.html",
                "/api",
                "/api/v1/run",
                "/api/v1/runs/x/y",
                "/health",
                "/.git/config",
                "/api/v1/../../etc"
            })
    void anUnknownPathIsNotFound(String path) {
        // When
        Reply reply = api.get(path);
        // Then
        assertThat(reply.problem()).isEqualTo("404");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PUT|/api/v1/runs|GET, POST",
                "DELETE|/api/v1/runs/x|GET",
                "POST|/api/v1/runs/x/events|GET",
                "POST|/api/v1/runs/x/reconciliation|GET",
                "GET|/api/v1/runs/x/cancel|POST",
                "OPTIONS|/api/v1/windows|GET",
                "TRACE|/health/live|GET",
                "POST|/health/ready|GET",
                "PATCH|/metrics|GET"
            })
    void aWrongMethodIsToldTheRightOnes(String method, String path, String allowed) {
        // When
        Reply reply = api.send(
                api.request(path).method(method, BodyPublishers.noBody()).build());
        // Then
        assertThat(reply.problem()).isEqualTo("405");
        assertThat(reply.header("Allow")).isEqualTo(allowed);
    }
}
