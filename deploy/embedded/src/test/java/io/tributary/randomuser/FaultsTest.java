package io.tributary.randomuser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every fault is on the wire as its kind says, and gone when it has struck. */
class FaultsTest {
    private static final String PAGE = "/api/?seed=abc&results=10&page=3";

    private RandomUserServer server;
    private Caller caller;
    private byte[] healthy;

    @BeforeEach
    void start() {
        server = RandomUserServer.start(RandomUserOptions.defaults());
        caller = new Caller(server);
        healthy = caller.get(PAGE).body();
        server.clearStats();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"STALL", "STALL_BEFORE_HEADERS", "SLOW_BYTES", "CUT_BODY", "WRONG_LENGTH", "RESET"})
    void everyFaultChangesTheAnswerOnceAndThenIsOver(FaultKind kind) {
        // Given
        server.faults(Fault.of(kind).amount(Math.min(kind.defaultAmount, 1 << 20)));
        // When
        HttpResponse<byte[]> struck = caller.get(PAGE, "Accept-Encoding", "identity");
        HttpResponse<byte[]> after = caller.get(PAGE, "Accept-Encoding", "identity");
        // Then
        assertThat(struck.statusCode() != 200
                        || !java.util.Arrays.equals(struck.body(), healthy)
                        || struck.headers().firstValue("Content-Encoding").isPresent())
                .isTrue();
        assertThat(after.body()).isEqualTo(healthy);
        assertThat(server.stats().faulted()).isEqualTo(1);
        assertThat(server.stats().faultsLeft()).isZero();
    }

    @Test
    void aRefusalOnRequestHasNoRetryAfterUnlessOneIsGiven() {
        // Given
        server.faults(
                Fault.of(FaultKind.TOO_MANY_REQUESTS),
                Fault.of(FaultKind.TOO_MANY_REQUESTS).value("soon"));
        // When
        HttpResponse<byte[]> first = caller.get(PAGE);
        HttpResponse<byte[]> second = caller.get(PAGE);
        // Then
        assertThat(first.statusCode()).isEqualTo(429);
        assertThat(Caller.text(first)).startsWith("{\"error\":\"Whoa, ease up there cowboy.");
        assertThat(first.headers().firstValue("Retry-After")).isEmpty();
        assertThat(second.headers().firstValue("Retry-After")).contains("soon");
        assertThat(server.stats().usersAsked()).as("counted by the quota").isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "SERVER_ERROR,503,application/json; charset=utf-8",
        "ERROR_200,200,application/json; charset=utf-8",
        "HTML,200,text/html; charset=UTF-8"
    })
    void troubleIsAnsweredInPlaceOfThePage(FaultKind kind, int status, String contentType) {
        // Given
        server.faults(Fault.of(kind));
        // When
        HttpResponse<byte[]> response = caller.get(PAGE);
        // Then
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).contains(contentType);
        assertThat(Caller.text(response)).startsWith(kind == FaultKind.HTML ? "<!DOCTYPE html>" : "{\"error\":\"Uh oh");
    }

    @Test
    void aRedirectNamesItsLocation() {
        // Given
        server.faults(
                Fault.of(FaultKind.REDIRECT).value("https://127.0.0.2:1/api/").amount(307));
        // When
        HttpResponse<byte[]> response = caller.get(PAGE);
        // Then
        assertThat(response.statusCode()).isEqualTo(307);
        assertThat(response.headers().firstValue("Location")).contains("https://127.0.0.2:1/api/");
    }

    @Test
    void aStallSendsHeadersAndTheBytesAskedForAndNoMore() throws Exception {
        // Given
        server.faults(Fault.of(FaultKind.STALL).amount(1));
        try (Socket socket = caller.open(PAGE)) {
            InputStream in = socket.getInputStream();
            // When
            String head = Caller.head(in);
            int first = in.read();
            caller.get(PAGE); // the server goes on for others
            await().until(() -> server.stats().inFlight() == 1); // the stalled one
            server.close();
            // Then
            assertThat(Caller.contentLength(head)).isEqualTo(healthy.length);
            assertThat(first).isEqualTo('{');
            assertThat(in.readAllBytes()).isEmpty();
        }
    }

    @Test
    void aStallBeforeTheHeadersAnswersNothing() throws Exception {
        // Given
        server.faults(Fault.of(FaultKind.STALL_BEFORE_HEADERS));
        try (Socket socket = caller.open(PAGE)) {
            await().until(() -> server.stats().faulted() == 1);
            // When
            caller.get(PAGE); // answered after the stalled one, by the same thread
            await().until(() -> server.stats().inFlight() == 1); // the stalled one
            server.close();
            // Then
            assertThat(socket.getInputStream().readAllBytes()).isEmpty();
        }
    }

    @Test
    void slowBytesArriveOneByOneAndEndWhenTheCallerLeaves() throws Exception {
        // Given
        server.faults(Fault.of(FaultKind.SLOW_BYTES).amount(500));
        try (Socket socket = caller.open(PAGE)) {
            // When
            Caller.head(socket.getInputStream());
            byte[] some = socket.getInputStream().readNBytes(150);
            // Then
            assertThat(some).isEqualTo(java.util.Arrays.copyOf(healthy, 150));
            assertThat(server.stats().inFlight()).isEqualTo(1);
        }
        await().until(() -> server.stats().inFlight() == 0);
    }

    @Test
    void slowBytesAreTheWholeBodyInTheEnd() {
        // Given
        server.faults(Fault.of(FaultKind.SLOW_BYTES).amount(1_000_000));
        // When
        byte[] body = caller.get(PAGE).body();
        // Then
        assertThat(body).isEqualTo(healthy);
    }

    @Test
    void aCutBodyEndsBeforeItsLength() throws Exception {
        // Given
        server.faults(Fault.of(FaultKind.CUT_BODY).amount(100));
        try (Socket socket = caller.open(PAGE)) {
            // When
            String head = Caller.head(socket.getInputStream());
            byte[] body = socket.getInputStream().readAllBytes();
            // Then
            assertThat(Caller.contentLength(head)).isEqualTo(healthy.length);
            assertThat(body).isEqualTo(java.util.Arrays.copyOf(healthy, 100));
        }
    }

    @Test
    void aWrongLengthPromisesMoreThanTheWholeBody() throws Exception {
        // Given
        server.faults(Fault.of(FaultKind.WRONG_LENGTH).amount(7));
        try (Socket socket = caller.open(PAGE)) {
            // When
            String head = Caller.head(socket.getInputStream());
            byte[] body = socket.getInputStream().readAllBytes();
            // Then
            assertThat(Caller.contentLength(head)).isEqualTo(healthy.length + 7);
            assertThat(body).isEqualTo(healthy);
        }
    }

    @Test
    void aResetBreaksTheConnectionInTheMiddle() throws Exception {
        // Given
        server.faults(Fault.of(FaultKind.RESET));
        try (Socket socket = caller.open(PAGE)) {
            // When
            InputStream in = socket.getInputStream();
            // Then
            assertThatThrownBy(in::readAllBytes)
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
    }

    @Test
    void aGzipBombInflatesToWhatWasAskedFor() throws Exception {
        // Given
        server.faults(Fault.of(FaultKind.GZIP_BOMB).amount(64 << 20));
        // When
        HttpResponse<byte[]> response = caller.get(PAGE);
        // Then
        assertThat(response.headers().firstValue("Content-Encoding")).contains("gzip");
        assertThat(response.body().length).isLessThan(1 << 20);
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(response.body()))) {
            assertThat(new String(in.readNBytes(13), StandardCharsets.UTF_8)).isEqualTo("{\"results\":[ ");
            assertThat(in.skip(1L << 40) + 1).as("its checksum is right, too").isEqualTo(64 << 20);
        }
    }

    @Test
    void nestedGzipIsDeclaredOnce() {
        // Given
        server.faults(Fault.of(FaultKind.NESTED_GZIP));
        // When
        HttpResponse<byte[]> response = caller.get(PAGE);
        // Then
        assertThat(response.headers().allValues("Content-Encoding")).containsExactly("gzip");
        assertThat(Caller.gunzip(Caller.gunzip(response.body()))).isEqualTo(healthy);
    }

    @Test
    void anUnknownEncodingIsNamed() {
        // Given
        server.faults(Fault.of(FaultKind.UNKNOWN_ENCODING).value("zstd"));
        // When
        HttpResponse<byte[]> response = caller.get(PAGE);
        // Then
        assertThat(response.headers().firstValue("Content-Encoding")).contains("zstd");
    }

    @ParameterizedTest
    @CsvSource({"SHORT_RESULTS,3,7", "LONG_RESULTS,3,13", "EMPTY_RESULTS,0,0"})
    void resultsAreAsManyAsTheFaultLeaves(FaultKind kind, int amount, int users) {
        // Given
        server.faults(Fault.of(kind).amount(amount));
        // When
        JsonNode page = struck();
        // Then
        assertThat(page.path("results")).hasSize(users);
        assertThat(page.path("info").path("results").asInt())
                .as("info as if nothing were")
                .isEqualTo(10);
    }

    @Test
    void resultsMayBeAnObject() {
        // Given
        server.faults(Fault.of(FaultKind.RESULTS_OBJECT));
        // When
        JsonNode page = struck();
        // Then
        assertThat(page.path("results").isObject()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"WRONG_PAGE,page,4", "WRONG_SEED,seed,another-seed", "WRONG_VERSION,version,1.5"})
    void infoMayBeOfSomethingElse(FaultKind kind, String member, String value) {
        // Given
        server.faults(Fault.of(kind));
        // When
        JsonNode page = struck();
        // Then
        assertThat(page.path("info").path(member).asText()).isEqualTo(value);
        assertThat(page.path("results")).isEqualTo(Caller.json(healthy).path("results"));
    }

    @Test
    void twoUsersMayShareAUuid() {
        // Given
        server.faults(Fault.of(FaultKind.DUPLICATE_UUID).at(4));
        // When
        JsonNode page = struck();
        // Then
        assertThat(page.at("/results/4/login/uuid")).isEqualTo(page.at("/results/3/login/uuid"));
        assertThat(page.at("/results/3/login/uuid"))
                .isEqualTo(Caller.json(healthy).at("/results/3/login/uuid"));
    }

    @Test
    void severalUsersOfOnePageMayBeSpoiledAtOnce() {
        // Given
        server.faults(
                Fault.of(FaultKind.BAD_UUID).at(0),
                Fault.of(FaultKind.NULL_UUID).at(1),
                Fault.of(FaultKind.NUL_CHARACTER).at(2),
                Fault.of(FaultKind.HUGE_NAME).at(3),
                Fault.of(FaultKind.BAD_DATE).at(4),
                Fault.of(FaultKind.NEGATIVE_AGE).at(5),
                Fault.of(FaultKind.EXTRA_FIELD).at(6),
                Fault.of(FaultKind.MISSING_OPTIONAL).at(7),
                Fault.of(FaultKind.BIDI_NAME).at(8));
        // When
        JsonNode page = struck();
        // Then
        assertThat(page.at("/results/0/login/uuid").asText()).isEqualTo("not-a-uuid");
        assertThat(page.at("/results/1/login/uuid").isNull()).isTrue();
        assertThat(page.at("/results/2/name/first").asText()).contains("\u0000");
        assertThat(page.at("/results/3/name/first").asText()).hasSize(1 << 20);
        assertThat(page.at("/results/4/dob/date").asText()).isEqualTo("2021-02-30T00:00:00.000Z");
        assertThat(page.at("/results/5/dob/age").asInt()).isEqualTo(-5);
        assertThat(page.at("/results/6/loyalty").isObject()).isTrue();
        assertThat(page.path("results").get(7).has("cell")).isFalse();
        assertThat(page.at("/results/8/name/first").asText()).contains("\u202E").contains("\u200B");
        assertThat(page.at("/results/9")).isEqualTo(Caller.json(healthy).at("/results/9"));
    }

    @ParameterizedTest
    @CsvSource({"BAD_NUMBER,1e400", "NAN,NaN", "LONE_SURROGATE,\\ud800"})
    void someThingsAreNoJavaValueAndStandInTheTextAsTheyAre(FaultKind kind, String literal) {
        // Given
        server.faults(Fault.of(kind).at(2));
        // When
        String text = Caller.text(caller.get(PAGE));
        // Then
        assertThat(text).containsOnlyOnce(literal);
    }

    @Test
    void badUtf8IsRefusedByAStrictDecoder() {
        // Given
        server.faults(Fault.of(FaultKind.BAD_UTF8));
        // When
        byte[] body = caller.get(PAGE).body();
        // Then
        assertThatThrownBy(() -> StandardCharsets.UTF_8.newDecoder().decode(java.nio.ByteBuffer.wrap(body)))
                .isInstanceOf(MalformedInputException.class);
    }

    @Test
    void aByteOrderMarkMayStandInFront() {
        // Given
        server.faults(Fault.of(FaultKind.BOM));
        // When
        byte[] body = caller.get(PAGE).body();
        // Then
        assertThat(body).startsWith(0xEF, 0xBB, 0xBF).endsWith(healthy);
    }

    @Test
    void thePageMayBeUtf16() {
        // Given
        server.faults(Fault.of(FaultKind.UTF16));
        // When
        byte[] body = caller.get(PAGE).body();
        // Then
        assertThat(new String(body, StandardCharsets.UTF_16)).isEqualTo(new String(healthy, StandardCharsets.UTF_8));
    }

    @Test
    void aFaultOfASeedStrikesNoOther() {
        // When
        server.faults(Fault.of(FaultKind.SERVER_ERROR).ofSeed("abc").always());
        // Then
        assertThat(caller.get("/api/?seed=abc&page=2").statusCode()).isEqualTo(503);
        assertThat(caller.get("/api/?seed=abd&page=2").statusCode()).isEqualTo(200);
        assertThat(caller.get("/api/?page=2").statusCode()).isEqualTo(200);
    }

    @Test
    void aFaultStrikesItsPageAfterAsManyRequestsAndAsOftenAsItSays() {
        // Given
        server.faults(Fault.of(FaultKind.SERVER_ERROR).onPage(3).after(1).times(2));
        // When
        int[] onPage = java.util.stream.IntStream.range(0, 4)
                .map(i -> caller.get(PAGE).statusCode())
                .toArray();
        int elsewhere = caller.get("/api/?page=4").statusCode();
        // Then
        assertThat(onPage).containsExactly(200, 503, 503, 200);
        assertThat(elsewhere).isEqualTo(200);
    }

    @Test
    void aFaultWithoutEndStrikesUntilItIsCleared() {
        // Given
        server.faults(Fault.of(FaultKind.SERVER_ERROR).always());
        assertThat(caller.get(PAGE).statusCode()).isEqualTo(503);
        assertThat(caller.get(PAGE).statusCode()).isEqualTo(503);
        // When
        server.faults();
        // Then
        assertThat(caller.get(PAGE).statusCode()).isEqualTo(200);
    }

    @Test
    void faultsOfAnsweringStrikeOneRequestEach() {
        // Given
        server.faults(Fault.of(FaultKind.SERVER_ERROR), Fault.of(FaultKind.HTML), Fault.of(FaultKind.SHORT_RESULTS));
        // When
        int first = caller.get(PAGE).statusCode();
        String second = Caller.text(caller.get(PAGE));
        JsonNode third = struck();
        // Then
        assertThat(first).isEqualTo(503);
        assertThat(second).startsWith("<!DOCTYPE");
        assertThat(third.path("results")).hasSize(9);
    }

    @Test
    void everyKindHasItsOwnText() {
        // When
        Set<FaultKind> found = EnumSet.noneOf(FaultKind.class);
        for (FaultKind kind : FaultKind.values()) {
            FaultKind.of(kind.text()).ifPresent(found::add);
        }
        // Then
        assertThat(found).containsExactly(FaultKind.values());
    }

    private JsonNode struck() {
        return Caller.json(caller.get(PAGE).body());
    }
}
