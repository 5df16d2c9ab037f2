package io.tributary.ingest.source;

import static io.tributary.ingest.source.Bodies.SEED;
import static io.tributary.ingest.source.Bodies.SOURCE_PAGE;
import static io.tributary.ingest.source.Bodies.asked;
import static io.tributary.ingest.source.Bodies.bomb;
import static io.tributary.ingest.source.Bodies.bytes;
import static io.tributary.ingest.source.Bodies.gzip;
import static io.tributary.ingest.source.Bodies.pageOf;
import static io.tributary.ingest.source.RawServer.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.tributary.ingest.model.FetchedPage;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.SourceFailed;
import io.tributary.ingest.model.PageRequest;
import io.tributary.ingest.source.RawServer.Script;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.PfxOptions;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

@Timeout(60)
class RandomUserClientTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final SourceLimits LIMITS = new SourceLimits(1024 * 1024, PATIENCE, PATIENCE, 2);
    private static final SourceLimits SHORT =
            new SourceLimits(LIMITS.maxBodyBytes(), Duration.ofMillis(200), PATIENCE, 2);

    private static final byte[] PAGE = bytes(pageOf(3));
    private static final String JSON = "200 OK\r\nContent-Type: application/json";
    private static final String GZIP = JSON + "\r\nContent-Encoding: gzip";

    private static Vertx vertx;
    private static Scheduler cpu;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        cpu = Schedulers.newParallel("cpu", 1);
    }

    @AfterAll
    static void stop() {
        cpu.dispose();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void aPageIsFetchedWithItsBytesAsTheSourceMeantThem() throws IOException {
        // Given
        try (RawServer source = RawServer.saying(answer(GZIP, gzip(PAGE)), answer(JSON, PAGE))) {
            RandomUserClient client = client(source, LIMITS);
            // When
            FetchedPage inflated = fetched(client, asked(3));
            FetchedPage plain = fetched(client, asked(3));
            // Then
            assertThat(inflated.body()).isEqualTo(PAGE);
            assertThat(inflated.users()).isEqualTo(PageParser.parse(asked(3), PAGE));
            assertThat(plain.body()).isEqualTo(PAGE);
            assertThat(plain.users()).isEqualTo(inflated.users());
            assertThat(source.request()).contains("Accept-Encoding: gzip\r\n").startsWith("GET /api/?");
            client.close();
        }
    }

    @Test
    void theConnectionIsKeptForTheNextPage() throws IOException {
        // Given
        try (RawServer source = RawServer.saying(answer(GZIP, gzip(PAGE)));
                RandomUserClient client = client(source, LIMITS)) {
            // When
            for (int i = 0; i < 5; i++) {
                fetched(client, asked(3));
            }
            // Then
            assertThat(source.requestsSoFar()).isEqualTo(5);
            assertThat(source.connectionsSoFar()).isEqualTo(1);
        }
    }

    @Test
    void aBodyInChunksOfOneByteIsPutTogether() throws IOException {
        // Given
        byte[] body = gzip(PAGE);
        Script chunks = connection -> {
            connection.send("HTTP/1.1 " + GZIP + "\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (byte b : body) {
                connection.send("1\r\n").send(new byte[] {b}).send("\r\n");
            }
            connection.send("0\r\n\r\n");
        };
        try (RawServer source = RawServer.saying(chunks);
                RandomUserClient client = client(source, LIMITS)) {
            // Then
            assertThat(fetched(client, asked(3)).body()).isEqualTo(PAGE);
        }
    }

    @Test
    void aBodyMayInflateToExactlyTheCapWhateverItsTrailerClaims() {
        // Given
        byte[] body = new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
        byte[] lying = gzip(new byte[4000]); // two members: the trailer knows only the second
        byte[] two = new byte[gzip(body).length + lying.length];
        System.arraycopy(lying, 0, two, 0, lying.length);
        System.arraycopy(gzip(body), 0, two, lying.length, gzip(body).length);
        Answer answer =
                new Answer(200, MultiMap.caseInsensitiveMultiMap().add("Content-Encoding", "gzip"), two, two.length);
        // Then: read to the end, and only then found not to be a page
        assertThat(catchThrowableOfType(SourceFailed.class, () -> answer.page(asked(1), 4010)))
                .hasMessageContaining("not UTF-8");
        assertThat(catchThrowableOfType(SourceFailed.class, () -> answer.page(asked(1), 4009)))
                .hasMessage("the body inflates to more than 4009 bytes");
    }

    @Test
    void nothingIsAskedBeforeASubscriptionAndOnceForEach() throws IOException {
        // Given
        try (RawServer source = RawServer.saying(answer(JSON, PAGE));
                RandomUserClient client = client(source, LIMITS)) {
            Mono<FetchedPage> fetch = client.fetch(asked(3));
            assertThat(source.connectionsSoFar()).isZero();
            // When
            fetch.block(PATIENCE);
            fetch.block(PATIENCE);
            // Then
            assertThat(source.requestsSoFar()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "abc",
                "'; drop table",
                "../..",
                "a&results=1",
                "a=b#c?d",
                "a\r\nHost: evil",
                "+ %41",
                "\uD83D\uDE00",
                "é"
            })
    void anySeedIsDataEncodedOnce(String seed) throws IOException {
        // Given
        PageRequest page = new PageRequest(new UUID(1, 1), 1, 3, seed, 7, List.of(), null);
        // When
        Map<String, List<String>> query = queryFor(page);
        // Then
        assertThat(query)
                .containsOnly(
                        Map.entry("results", List.of("3")),
                        Map.entry("page", List.of("7")),
                        Map.entry("seed", List.of(seed)));
    }

    @Test
    void nationalitiesAndGenderAreAskedFor() throws IOException {
        // Given
        PageRequest page = new PageRequest(new UUID(1, 1), 1, 3, null, 1, List.of("US", "GB"), "female");
        // When
        Map<String, List<String>> query = queryFor(page);
        // Then
        assertThat(query)
                .containsEntry("nat", List.of("us,gb"))
                .containsEntry("gender", List.of("female"))
                .doesNotContainKey("seed");
    }

    @Test
    void genderIsNeverAskedForTogetherWithASeed() throws IOException { // the source would ignore it
        // Given
        PageRequest page = new PageRequest(new UUID(1, 1), 1, 3, SEED, SOURCE_PAGE, List.of(), "female");
        // Then
        assertThat(queryFor(page)).containsKey("seed").doesNotContainKey("gender");
    }

    @Tag("bad-input-14")
    @DisplayName("14 · 429 and 503 with any Retry-After")
    @ParameterizedTest
    @CsvSource({
        "429, 30, 30",
        "503, 30, 30",
        "429, 3600, 600",
        "429, 999999999999999999, 600",
        "429, -1, ",
        "429, soon, ",
        "429, 0, ",
        "429, 1.5, ",
        "500, 30, ",
        "429, '', "
    })
    void thePauseThatTheSourceAsksForIsKeptWhereItIsSane(int status, String header, @Nullable Long seconds)
            throws IOException {
        // When
        SourceFailed failure =
                failure(answer(status + " Sorry\r\nRetry-After: " + header, bytes("{\"error\":\"Whoa\"}")));
        // Then
        assertThat(failure.kind()).isEqualTo(Kind.TRANSIENT);
        assertThat(failure).hasMessageContaining("status " + status).hasMessageContaining("Whoa");
        assertThat(failure.retryAfter().map(Duration::toSeconds).orElse(null)).isEqualTo(seconds);
    }

    @ParameterizedTest
    @CsvSource({
        "429, TRANSIENT",
        "408, TRANSIENT",
        "500, TRANSIENT",
        "502, TRANSIENT",
        "503, TRANSIENT",
        "504, TRANSIENT",
        "599, TRANSIENT",
        "400, REJECTED",
        "401, REJECTED",
        "403, REJECTED",
        "404, REJECTED",
        "201, REJECTED",
        "206, REJECTED"
    })
    void anotherStatusIsTransientWhereItPasses(int status, Kind kind) throws IOException {
        // When
        SourceFailed failure =
                failure(answer(status + " X\r\nContent-Type: text/html", bytes("<html>Bad gateway</html>")));
        // Then
        assertThat(failure).hasMessage("status " + status);
        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure.retryAfter()).isEmpty();
    }

    @Tag("bad-input-13")
    @DisplayName("13 · an error member whatever the status")
    @ParameterizedTest
    @ValueSource(ints = {200, 400, 404, 500})
    void anErrorMemberIsTriedAgainWhateverTheStatus(int status) throws IOException {
        // When
        SourceFailed failure =
                failure(answer(status + " X\r\nContent-Encoding: gzip", gzip(bytes("{\"error\":\"Uh oh\"}"))));
        // Then
        assertThat(failure).hasMessageContaining("Uh oh");
        assertThat(failure.kind()).isEqualTo(Kind.TRANSIENT);
    }

    @Tag("bad-input-18")
    @DisplayName("18 · a redirect")
    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void aRedirectIsNotFollowed(int status) throws IOException {
        // Given
        try (RawServer elsewhere = RawServer.saying(answer(JSON, PAGE))) {
            // When
            SourceFailed failure = failure(
                    answer(status + " Found\r\nLocation: " + elsewhere.uri("http") + "?token=secret", bytes("")));
            // Then
            assertThat(failure.kind()).isEqualTo(Kind.REJECTED);
            assertThat(failure)
                    .hasMessageContaining("redirects are not followed")
                    .hasMessageNotContaining("secret");
            assertThat(elsewhere.connectionsSoFar()).isZero();
        }
    }

    @Tag("bad-input-25")
    @DisplayName("25 · an HTML page with status 200")
    @Test
    void anHtmlPageWithStatus200IsRefused() throws IOException {
        // When
        SourceFailed failure = failure(answer("200 OK\r\nContent-Type: text/html", bytes("<!DOCTYPE html><p>Hello")));
        // Then
        assertThat(failure).hasMessageContaining("HTML");
        assertThat(failure.kind()).isEqualTo(Kind.REJECTED);
    }

    @Tag("bad-input-17")
    @DisplayName("17 · a gzip bomb")
    @Test
    void aGzipBombIsStoppedAtTheCap() throws IOException {
        // When
        SourceFailed failure = failure(answer(GZIP, bomb(64)));
        // Then
        assertThat(failure).hasMessage("the body inflates to more than " + LIMITS.maxBodyBytes() + " bytes");
        assertThat(failure.kind()).isEqualTo(Kind.REJECTED);
    }

    @Test
    void aBombIsNoErrorMemberEither() throws IOException {
        assertThat(failure(answer("500 X\r\nContent-Encoding: gzip", bomb(32)))).hasMessage("status 500");
    }

    @Tag("bad-input-17")
    @DisplayName("17 · nested gzip")
    @Test
    void gzipInsideGzipIsRefused() throws IOException {
        assertThat(refused(answer(GZIP, gzip(gzip(PAGE))))).hasMessage("gzip inside gzip");
        assertThat(refused(answer(GZIP + ", gzip", gzip(gzip(PAGE))))).hasMessageContaining("gzip, gzip");
        assertThat(refused(answer(GZIP + "\r\nContent-Encoding: gzip", gzip(gzip(PAGE)))))
                .hasMessageContaining("gzip,gzip");
        assertThat(refused(answer(JSON, gzip(PAGE)))).hasMessage("gzip without its Content-Encoding");
    }

    @Tag("bad-input-17")
    @DisplayName("17 · an unknown encoding")
    @ParameterizedTest
    @ValueSource(strings = {"br", "deflate", "zstd", "compress", "\u0007"})
    void anUnknownEncodingIsRefused(String encoding) throws IOException {
        // When
        SourceFailed failure = failureOf(List.of(answer(JSON + "\r\nContent-Encoding: " + encoding, PAGE)), LIMITS);
        // Then: a control character is no header at all
        assertThat(failure.kind()).isEqualTo(encoding.equals("\u0007") ? Kind.TRANSIENT : Kind.REJECTED);
    }

    @Test
    void aDamagedGzipBodyIsRefusedWhereItIsKnownToBeWhole() throws IOException {
        // Given
        byte[] damaged = gzip(PAGE);
        damaged[damaged.length - 6] ^= 1; // its checksum
        byte[] cut = Arrays.copyOf(gzip(PAGE), 200);
        // Then
        assertThat(failure(answer(GZIP, damaged)).kind()).isEqualTo(Kind.REJECTED);
        assertThat(failure(answer(GZIP, cut)).kind()).isEqualTo(Kind.REJECTED);
        assertThat(failure(answer(GZIP, PAGE)).kind()).isEqualTo(Kind.REJECTED);
        assertThat(failure(answer(GZIP, new byte[0])).kind()).isEqualTo(Kind.REJECTED);
        assertThat(lost(connection -> connection
                        .send("HTTP/1.1 " + GZIP + "\r\n\r\n")
                        .send(cut)
                        .close()))
                .isEqualTo(Kind.TRANSIENT);
    }

    @Test
    void aBodyAnnouncedAboveTheCapIsRefusedBeforeItComes() throws IOException {
        // Given
        try (RawServer source = RawServer.saying(connection -> {
                    connection.send("HTTP/1.1 " + JSON + "\r\nContent-Length: 999999999999\r\n\r\n");
                    connection.stall();
                });
                RandomUserClient client = client(source, LIMITS)) {
            // When
            SourceFailed failure = failureOf(client, asked(3));
            // Then
            assertThat(failure.kind()).isEqualTo(Kind.REJECTED);
            source.awaitGoodbye();
        }
    }

    @Test
    void aBodyWithoutEndIsCutOffAtTheCap() throws IOException {
        // Given
        byte[] chunk = bytes("1000\r\n" + " ".repeat(4096) + "\r\n");
        try (RawServer source = RawServer.saying(connection -> {
                    connection.send("HTTP/1.1 " + JSON + "\r\nTransfer-Encoding: chunked\r\n\r\n");
                    while (true) {
                        connection.send(chunk); // until the client resets
                    }
                });
                RandomUserClient client = client(source, LIMITS)) {
            // When
            SourceFailed failure = failureOf(client, asked(3));
            // Then
            assertThat(failure).hasMessage("the body is longer than " + LIMITS.maxBodyBytes() + " bytes");
            assertThat(failure.kind()).isEqualTo(Kind.REJECTED);
            source.awaitGoodbye();
        }
    }

    @Test
    void anErrorPageWithoutEndIsJudgedByItsStatus() throws IOException {
        // When
        SourceFailed failure = failure(connection -> {
            connection.send("HTTP/1.1 502 Bad Gateway\r\nTransfer-Encoding: chunked\r\n\r\n");
            while (true) {
                connection.send("10\r\n0123456789abcdef\r\n");
            }
        });
        // Then
        assertThat(failure).hasMessage("status 502");
        assertThat(failure.kind()).isEqualTo(Kind.TRANSIENT);
    }

    @Tag("bad-input-15")
    @DisplayName("15 · a cut body, a wrong length, a reset")
    @Test
    void aCutBodyIsTriedAgain() throws IOException {
        assertThat(lost(connection -> connection
                        .send("HTTP/1.1 " + JSON + "\r\nContent-Length: " + PAGE.length + "\r\n\r\n")
                        .send(Arrays.copyOf(PAGE, PAGE.length / 2))
                        .close()))
                .isEqualTo(Kind.TRANSIENT);
        assertThat(lost(connection -> connection
                        .send("HTTP/1.1 " + JSON + "\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n")
                        .send(Arrays.copyOf(PAGE, 64))
                        .send("\r\n")
                        .close()))
                .isEqualTo(Kind.TRANSIENT);
        assertThat(lost(connection -> connection
                        .send("HTTP/1.1 " + JSON + "\r\nConnection: close\r\n\r\n")
                        .send(Arrays.copyOf(PAGE, PAGE.length - 1))
                        .close()))
                .isEqualTo(Kind.TRANSIENT);
    }

    @Tag("bad-input-15")
    @DisplayName("15 · a wrong Content-Length")
    @Test
    void aContentLengthThatIsNotTheBodysIsTriedAgain() throws IOException {
        assertThat(lost(connection -> connection
                        .send("HTTP/1.1 " + JSON + "\r\nContent-Length: " + (PAGE.length - 10) + "\r\n\r\n")
                        .send(PAGE)))
                .isEqualTo(Kind.REJECTED); // tried again as well, but not for ever: it is whole by its own word
        assertThat(lost(connection -> connection
                        .send("HTTP/1.1 " + JSON + "\r\nContent-Length: " + (PAGE.length + 10) + "\r\n\r\n")
                        .send(PAGE)
                        .close()))
                .isEqualTo(Kind.TRANSIENT);
    }

    @Test
    void aConnectionThatIsResetOrClosedIsTriedAgain() throws IOException {
        assertThat(lost(RawServer.Connection::reset)).isEqualTo(Kind.TRANSIENT);
        assertThat(lost(RawServer.Connection::close)).isEqualTo(Kind.TRANSIENT);
        assertThat(lost(connection -> connection
                        .send("HTTP/1.1 " + JSON + "\r\nContent-Length: " + PAGE.length + "\r\n\r\n{")
                        .reset()))
                .isEqualTo(Kind.TRANSIENT);
    }

    @Test
    void whatIsNotHttpIsTriedAgain() throws IOException {
        assertThat(lost(connection ->
                        connection.send("220 mail.example.com ESMTP\r\n\r\n").close()))
                .isEqualTo(Kind.TRANSIENT);
    }

    @Test
    void nobodyListeningIsTriedAgain() throws IOException {
        // Given
        RawServer source = RawServer.saying(answer(JSON, PAGE));
        source.close();
        try (RandomUserClient client = client(source, LIMITS)) {
            // Then
            assertThat(failureOf(client, asked(3)).kind()).isEqualTo(Kind.TRANSIENT);
        }
    }

    @Test
    void theNextFetchAfterALostOneSucceeds() throws IOException {
        // Given
        try (RawServer source = RawServer.saying(
                        RawServer.Connection::reset,
                        connection -> connection
                                .send("HTTP/1.1 " + JSON + "\r\nContent-Length: 9\r\n\r\n{")
                                .close(),
                        answer(JSON, PAGE));
                RandomUserClient client = client(source, LIMITS)) {
            assertThat(failureOf(client, asked(3)).kind()).isEqualTo(Kind.TRANSIENT);
            assertThat(failureOf(client, asked(3)).kind()).isEqualTo(Kind.TRANSIENT);
            // Then
            assertThat(fetched(client, asked(3)).body()).isEqualTo(PAGE);
        }
    }

    @Test
    void aSourceThatNeverAnswersMeetsTheDeadlineAndItsRequestIsEnded() throws IOException {
        // Given
        try (RawServer source = RawServer.saying(RawServer.Connection::stall);
                RandomUserClient client = client(source, SHORT)) {
            // When
            SourceFailed failure = failureOf(client, asked(3));
            // Then
            assertThat(failure).hasMessage("no whole answer within PT0.2S");
            assertThat(failure.kind()).isEqualTo(Kind.TRANSIENT);
            source.awaitGoodbye();
        }
    }

    @Tag("bad-input-19")
    @DisplayName("19 · a stall after the first byte")
    @Test
    void aSourceThatStallsInTheBodyMeetsTheDeadline() throws IOException {
        // Given
        try (RawServer source = RawServer.saying(connection -> connection
                        .send("HTTP/1.1 " + JSON + "\r\nContent-Length: " + PAGE.length + "\r\n\r\n{")
                        .stall());
                RandomUserClient client = client(source, SHORT)) {
            // Then
            assertThat(failureOf(client, asked(3)).kind()).isEqualTo(Kind.TRANSIENT);
            source.awaitGoodbye();
        }
    }

    @Tag("bad-input-19")
    @DisplayName("19 · a byte now and then")
    @Test
    void aSourceThatNeverPausesAndNeverEndsMeetsTheDeadline() throws IOException { // an idle timeout alone would wait
        // Given
        try (RawServer source = RawServer.saying(connection -> {
                    connection.send("HTTP/1.1 " + JSON + "\r\nTransfer-Encoding: chunked\r\n\r\n");
                    while (true) {
                        connection.send("1\r\n \r\n");
                        LockSupport.parkNanos(5_000_000);
                    }
                });
                RandomUserClient client = client(source, SHORT)) {
            // Then
            assertThat(failureOf(client, asked(3))).hasMessage("no whole answer within PT0.2S");
            source.awaitGoodbye();
        }
    }

    @Test
    void aCancelEndsTheRequest() throws IOException {
        // Given
        try (RawServer source = RawServer.saying(RawServer.Connection::stall, answer(JSON, PAGE));
                RandomUserClient client = client(source, LIMITS)) {
            AtomicReference<Object> signal = new AtomicReference<>();
            Disposable fetch = client.fetch(asked(3)).subscribe(signal::set, signal::set);
            source.request();
            // When
            fetch.dispose();
            // Then
            source.awaitGoodbye();
            assertThat(fetched(client, asked(3)).body()).isEqualTo(PAGE);
            assertThat(signal).hasNullValue();
        }
    }

    @Test
    void aRequestCancelledWhileItWaitsForAConnectionIsNeverSent() throws IOException {
        // Given
        SourceLimits one = new SourceLimits(LIMITS.maxBodyBytes(), PATIENCE, PATIENCE, 1);
        try (RawServer source = RawServer.saying(RawServer.Connection::stall, answer(JSON, PAGE));
                RandomUserClient client = client(source, one)) {
            Disposable first = client.fetch(asked(3)).subscribe();
            String firstRequest = source.request();
            Disposable waiting = client.fetch(new PageRequest(new UUID(1, 1), 9, 3, "never", 9, List.of(), null))
                    .subscribe();
            // When
            waiting.dispose();
            first.dispose();
            fetched(client, asked(3));
            // Then
            assertThat(firstRequest).contains("seed=abc");
            assertThat(source.request()).contains("seed=abc");
            assertThat(source.requestsSoFar()).isZero();
        }
    }

    @Test
    void noMoreConnectionsAreOpenedThanAllowedAndTooManyWaitersFailAtOnce() throws Exception {
        // Given
        try (RawServer source = RawServer.saying(RawServer.Connection::stall);
                RandomUserClient client = client(source, LIMITS)) {
            BlockingQueue<Kind> failures = new LinkedBlockingQueue<>();
            // When: two under way, at most four wait, also for a connection that is being opened
            Disposable fetches = Flux.range(0, 10)
                    .flatMap(
                            i -> client.fetch(asked(3)).onErrorResume(SourceFailed.class, failure -> {
                                failures.add(failure.kind());
                                return Mono.empty();
                            }),
                            10)
                    .subscribe();
            // Then
            for (int i = 0; i < 4; i++) {
                assertThat(failures.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isEqualTo(Kind.TRANSIENT);
            }
            source.request();
            source.request();
            assertThat(source.connectionsSoFar()).isEqualTo(2);
            fetches.dispose();
        }
    }

    @Tag("bad-input-25")
    @DisplayName("25 · a certificate of nobody known")
    @Test
    void aCertificateOfNobodyKnownIsRefused(@TempDir Path dir) throws Exception {
        // Given
        Path keys = keysFor("127.0.0.1", "ip:127.0.0.1", dir);
        // Then
        assertThat(failureOverTls(keys, null).kind()).isEqualTo(Kind.REJECTED);
    }

    @Tag("bad-input-25")
    @DisplayName("25 · a certificate of another host")
    @Test
    void aKnownCertificateOfAnotherHostIsRefused(@TempDir Path dir) throws Exception {
        // Given
        Path keys = keysFor("other.example", "dns:other.example", dir);
        // Then
        assertThat(failureOverTls(keys, trust(keys)).kind()).isEqualTo(Kind.REJECTED);
    }

    @Test
    void aKnownCertificateOfTheHostIsAccepted(@TempDir Path dir) throws Exception {
        // Given
        Path keys = keysFor("127.0.0.1", "ip:127.0.0.1", dir);
        try (RawServer source = RawServer.sayingBy(tls(keys), answer(GZIP, gzip(PAGE)));
                RandomUserClient client = new RandomUserClient(vertx, source.uri("https"), LIMITS, cpu, trust(keys))) {
            // Then
            assertThat(fetched(client, asked(3)).body()).isEqualTo(PAGE);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://example.com/api/",
                "/api/",
                "https:///api/",
                "https://me:secret@example.com/api/",
                "https://example.com/api/?key=secret",
                "https://example.com/api/#x",
                "mailto:secret@example.com"
            })
    void anAddressThatIsNotPlainHttpIsRefusedWithoutRepeatingIt(String address) {
        assertThatThrownBy(() -> new RandomUserClient(vertx, URI.create(address), LIMITS, cpu))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("secret");
    }

    @Test
    void aClosedClientFailsTyped() throws IOException {
        // Given
        try (RawServer source = RawServer.saying(answer(JSON, PAGE))) {
            RandomUserClient client = client(source, LIMITS);
            fetched(client, asked(3));
            // When
            client.close();
            // Then
            assertThat(failureOf(client, asked(3)).kind()).isEqualTo(Kind.TRANSIENT);
        }
    }

    private static RandomUserClient client(RawServer source, SourceLimits limits) {
        return new RandomUserClient(vertx, source.uri("http"), limits, cpu);
    }

    private static FetchedPage fetched(RandomUserClient client, PageRequest page) {
        FetchedPage fetched = client.fetch(page).block(PATIENCE);
        assertThat(fetched).isNotNull();
        return fetched;
    }

    private static SourceFailed failureOf(RandomUserClient client, PageRequest page) {
        SourceFailed failure = catchThrowableOfType(
                SourceFailed.class, () -> client.fetch(page).block(PATIENCE));
        assertThat(failure).as("a failure").isNotNull();
        return failure;
    }

    private static SourceFailed failureOf(List<Script> scripts, SourceLimits limits) throws IOException {
        try (RawServer source = RawServer.saying(scripts.toArray(Script[]::new));
                RandomUserClient client = client(source, limits)) {
            return failureOf(client, asked(3));
        }
    }

    private static SourceFailed failure(Script script) throws IOException {
        return failureOf(List.of(script), LIMITS);
    }

    private static SourceFailed refused(Script script) throws IOException {
        SourceFailed failure = failure(script);
        assertThat(failure.kind()).isEqualTo(Kind.REJECTED);
        return failure;
    }

    private static Kind lost(Script script) throws IOException {
        return failure(script).kind();
    }

    private static Map<String, List<String>> queryFor(PageRequest page) throws IOException {
        try (RawServer source = RawServer.saying(answer("500 X", new byte[0]));
                RandomUserClient client = client(source, LIMITS)) {
            failureOf(client, page);
            String target = source.request().split(" ")[1];
            return new QueryStringDecoder(target).parameters();
        }
    }

    private static SourceFailed failureOverTls(Path keys, @Nullable TrustOptions trust) throws Exception {
        try (RawServer source = RawServer.sayingBy(tls(keys), answer(JSON, PAGE));
                RandomUserClient client = new RandomUserClient(vertx, source.uri("https"), LIMITS, cpu, trust)) {
            return failureOf(client, asked(3));
        }
    }

    private static TrustOptions trust(Path keys) {
        return new PfxOptions().setPath(keys.toString()).setPassword("changeit");
    }

    private static Path keysFor(String name, String alternative, Path dir) throws Exception {
        Path keys = dir.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "source",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=" + alternative,
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "changeit",
                        "-keystore",
                        keys.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
        return keys;
    }

    private static ServerSocketFactory tls(Path keys) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, "changeit".toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, "changeit".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context.getServerSocketFactory();
    }
}
