package io.tributary.ingest.api;

import static io.tributary.ingest.api.ApiUnderTest.VALID;
import static io.tributary.ingest.api.ApiUnderTest.json;
import static io.tributary.ingest.api.ApiUnderTest.with;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.tributary.ingest.api.ApiUnderTest.Reply;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.PublishFailed;
import io.tributary.ingest.model.IngestException.StoreFailed;
import io.tributary.ingest.model.NewRun;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

class CreateRunTest {
    private final ApiUnderTest api = new ApiUnderTest();

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void aRunIsCreatedAndTheWorkersAreWoken() {
        // When
        Reply reply = api.create(VALID);
        // Then
        assertThat(reply.status()).isEqualTo(201);
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        assertThat(reply.header("Location")).isEqualTo("/api/v1/runs/00000000-0000-0000-0000-000000000001");
        assertThat(reply.json()).isEqualTo(json("""
            {"id":"00000000-0000-0000-0000-000000000001","state":"RUNNING","windowStart":"2026-01-01T00:00:00Z",
             "windowEnd":"2026-01-01T00:05:00Z","users":1000,"pageSize":100,"pages":10,"seed":"chosen","nat":[],
             "gender":null,"createdAt":"2026-07-01T12:00:00Z","finishedAt":null,
             "pageStates":{"planned":0,"leased":0,"captured":0,"complete":0,"quarantined":0},
             "progress":{"captured":0,"stored":0,"published":0,"deadLetters":0,"counted":0,"settled":false}}\
            """));
        assertThat(api.wakes).hasValue(1);
    }

    @Tag("bad-input-6")
    @DisplayName("6 · the same key with the same parameters: 200, the same run")
    @Test
    void theSameKeyWithTheSameParametersIsTheSameRun() {
        // Given
        Reply first = api.create(VALID);
        // When
        Reply second = api.create(with("seed", "null"));
        // Then
        assertThat(second.status()).isEqualTo(200);
        assertThat(second.json()).isEqualTo(first.json());
        assertThat(api.wakes).hasValue(1);
    }

    @Tag("bad-input-6")
    @DisplayName("6 · the same key with other parameters: 409")
    @Test
    void theSameKeyWithOtherParametersIsAConflict() {
        // Given
        api.create(VALID);
        // When
        Reply second = api.create(with("users", "1001"));
        // Then
        assertThat(second.problem()).isEqualTo("409");
        assertThat(api.ledger.size()).isEqualTo(1);
    }

    @Tag("bad-input-7")
    @DisplayName("7 · 200 identical POSTs at once: one run")
    @Test
    void twoHundredIdenticalRequestsAtOnceAreOneRun() throws Exception {
        try (ApiUnderTest wide = new ApiUnderTest(ApiLimits.DEFAULT)) {
            // When
            List<CompletableFuture<Integer>> all = IntStream.range(0, 200)
                    .mapToObj(i -> wide.http()
                            .sendAsync(wide.post("same", VALID), BodyHandlers.ofString())
                            .thenApply(reply -> reply.statusCode()))
                    .toList();
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
            // Then
            assertThat(all.stream().collect(Collectors.groupingBy(CompletableFuture::join, Collectors.counting())))
                    .isEqualTo(Map.of(201, 1L, 200, 199L));
            assertThat(wide.ledger.size()).isEqualTo(1);
        }
    }

    @Test
    void everythingThatIsAskedForReachesTheLedger() {
        // Given
        String body = """
            {"windowStart":"2026-01-01T02:00:00.5+02:00","windowEnd":"2026-01-01T00:05:00Z","users":10000000,
             "pageSize":5000,"nat":["us","FR","Us"],"gender":"female",
                 "maxRunTime":"PT10M"}\
            """;
        // When
        Reply reply = api.create(body);
        // Then
        assertThat(reply.status()).isEqualTo(201);
        assertThat(api.ledger.asked("key"))
                .isEqualTo(new NewRun(
                        "key",
                        Instant.parse("2026-01-01T00:00:00.500Z"),
                        Instant.parse("2026-01-01T00:05:00Z"),
                        10_000_000,
                        5_000,
                        null,
                        List.of("FR", "US"),
                        "female",
                        Duration.ofMinutes(10)));
        assertThat(reply.json().get("seed").isNull()).isTrue();
    }

    @Tag("bad-input-4")
    @DisplayName("4 · a member that can not be that: 422 naming it")
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "users|0",
                "users|-1",
                "users|10000001",
                "users|1e9",
                "users|1000000000000000000000",
                "users|\"5000\"",
                "users|null",
                "users|10.0",
                "users|true",
                "users|[1]",
                "pageSize|0",
                "pageSize|5001",
                "pageSize|\"100\"",
                "pageSize|null",
                "windowStart|null",
                "windowStart|1767225600",
                "windowStart|\"2026-01-01\"",
                "windowStart|\"2026-01-01T00:00:00\"",
                "windowStart|\"1999-12-31T23:59:59Z\"",
                "windowStart|\"2026-01-01T00:00:00.0001Z\"",
                "windowStart|\"2026-02-30T00:00:00Z\"",
                "windowEnd|\"2026-01-01T00:00:00Z\"",
                "windowEnd|\"2025-01-01T00:00:00Z\"",
                "windowEnd|\"2026-01-01T00:30:00+01:00\"",
                "windowEnd|\"9999-01-01T00:00:00Z\"",
                "windowEnd|\"2101-01-01T00:00:00Z\"",
                "windowEnd|\"+1000000000-01-01T00:00:00Z\"",
                "seed|\"\"",
                "seed|5",
                "seed|\"123456789012345678\"",
                "seed|\"a\\r\\nb\"",
                "seed|\"a\\u0000b\"",
                "seed|\"a\\u0085b\"",
                "seed|\"a\\ud83d\"",
                "seed|\"\\ude00a\"",
                "nat|\"US\"",
                "nat|[\"XX\"]",
                "nat|[\"\"]",
                "nat|[\"\\ufb01\"]",
                "nat|[null]",
                "nat|[1]",
                "nat|{}",
                "gender|\"other\"",
                "gender|\"Female\"",
                "gender|1",
                "maxRunTime|\"\"",
                "maxRunTime|60",
                "maxRunTime|\"PT0S\"",
                "maxRunTime|\"-PT1S\"",
                "maxRunTime|\"PT0.5S\"",
                "maxRunTime|\"P31D\"",
                "maxRunTime|\"P1Y\""
            })
    void aMemberThatCanNotBeThatIsRefusedByName(String member, String value) {
        // When
        Reply reply = api.create(with(member, value));
        // Then
        assertThat(reply.problem()).isEqualTo("422 " + member);
        assertThat(api.ledger.size()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"100000,1,201", "100001,1,422 pageSize", "10000000,100,201", "10000000,99,422 pageSize"})
    void aRunIsOfAHundredThousandPagesAtMost(int users, int pageSize, String outcome) {
        Reply reply = api.create(VALID.replace("\"users\":1000", "\"users\":" + users)
                .replace("\"pageSize\":100", "\"pageSize\":" + pageSize));
        assertThat(reply.status() == 201 ? "201" : reply.problem()).isEqualTo(outcome);
    }

    @Tag("bad-input-5")
    @DisplayName("5 · windowEnd not after windowStart, year 9999, no zone: 422")
    @ParameterizedTest
    @ValueSource(
            strings = {"2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", "9999-01-01T00:00:00Z", "2026-01-01T00:05:00"})
    void aWindowThatCanNotBeIsRefused(String end) {
        assertThat(api.create(with("windowEnd", "\"" + end + "\"")).problem()).isEqualTo("422 windowEnd");
    }

    @ParameterizedTest
    @ValueSource(strings = {"windowStart", "windowEnd", "users", "pageSize"})
    void aMemberThatIsNeededIsRefusedByNameWhenItIsMissing(String member) {
        // When
        Reply reply = api.create(with(member, null));
        // Then
        assertThat(reply.problem()).isEqualTo("422 " + member);
    }

    @Tag("bad-input-8")
    @DisplayName("8 · a seed that is too long: 422")
    @Test
    void aSeedIsAtMostSixtyFourCharacters() {
        // When
        Reply longest = api.send(api.post("a", with("seed", "\"" + "\uD83D\uDE00".repeat(64) + "\"")));
        Reply longer = api.send(api.post("b", with("seed", "\"" + "x".repeat(65) + "\"")));
        Reply longAsABook = api.send(api.post("c", with("seed", "\"" + "x".repeat(10_000) + "\"")));
        // Then
        assertThat(longest.status()).isEqualTo(201);
        assertThat(longer.problem()).isEqualTo("422 seed");
        assertThat(longAsABook.problem()).isEqualTo("422 seed");
    }

    @Tag("bad-input-8")
    @DisplayName("8 · an odd seed is kept as data")
    @ParameterizedTest
    @ValueSource(
            strings = {"'; drop table run; --", "../..", "a&results=1", "\uD83D\uDE00", "سمیه", "%00", "<b>", "\u202e"})
    void anOddSeedIsKeptAsItIs(String seed) {
        // When
        Reply reply = api.create(with("seed", "\"" + seed + "\""));
        // Then
        assertThat(reply.status()).isEqualTo(201);
        assertThat(reply.json().get("seed").textValue()).isEqualTo(seed);
        assertThat(api.ledger.asked("key").seed()).isEqualTo(seed);
    }

    @Test
    void aGenderTogetherWithASeedIsRefused() {
        // When
        Reply reply = api.create(with("seed", "\"abc\",\"gender\":\"male\""));
        // Then
        assertThat(reply.problem()).isEqualTo("422 gender");
    }

    @Tag("bad-input-9")
    @DisplayName("9 · duplicate key, trailing JSON: 400")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "7",
                "{",
                "{\"users\":1}{}",
                "{\"users\":1} x",
                "{\"users\":1,\"users\":1}",
                "{users:1}",
                "{\"users\":01}",
                "{\"users\":NaN}",
                "{'users':1}",
                "/**/{\"users\":1}",
                "\uFEFF{\"users\":1}",
                "{\"nat\":[[[[[[[[[]]]]]]]]]}"
            })
    void aBodyThatIsNotOneStrictJsonObjectIsMalformed(String body) {
        // When
        Reply reply = api.create(body);
        // Then
        assertThat(reply.problem()).isEqualTo("400");
    }

    @Tag("bad-input-9")
    @DisplayName("9 · as deep as 64 KiB can be: 400")
    @Test
    void aBodyOfDepthThirtyThousandIsMalformed() {
        // When
        Reply reply = api.create("{\"nat\":" + "[".repeat(30_000) + "]".repeat(30_000) + "}");
        // Then
        assertThat(reply.problem()).isEqualTo("400");
    }

    @Tag("bad-input-9")
    @DisplayName("9 · unknown field: 400")
    @Test
    void anUnknownMemberIsMalformedAndNamedOnlyWhenItsNameIsHarmless() {
        // When
        Reply typo = api.create(with("pagesize", "5"));
        Reply script = api.create(with("<script>", "5"));
        Reply unbounded = api.create(with("x".repeat(20_000), "5"));
        // Then
        assertThat(typo.problem()).isEqualTo("400 pagesize");
        assertThat(script.problem()).isEqualTo("400");
        assertThat(script.http().body()).doesNotContain("script");
        assertThat(unbounded.problem()).isEqualTo("400");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-32", "ISO-8859-1"})
    void aBodyThatIsNotUtf8IsMalformed(String charset) {
        // Given
        byte[] body = with("seed", "\"é\"").getBytes(Charset.forName(charset));
        // When
        Reply reply = api.send(api.request("/api/v1/runs")
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", "key")
                .POST(BodyPublishers.ofByteArray(body))
                .build());
        // Then
        assertThat(reply.problem()).isEqualTo("400");
    }

    @Tag("bad-input-10")
    @DisplayName("10 · another media type or charset: 415")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/xml",
                "text/plain",
                "application/json; charset=utf-16",
                "application/json; charset=latin1",
                "application/jsonp",
                "application/json; boundary=x",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
                "multipart/form-data"
            })
    void anotherMediaTypeIsNotSupported(String type) {
        // When
        Reply reply = api.send(api.request("/api/v1/runs")
                .header("Content-Type", type)
                .header("Idempotency-Key", "key")
                .POST(BodyPublishers.ofString(VALID))
                .build());
        // Then
        assertThat(reply.problem()).isEqualTo("415");
    }

    @Test
    void aBodyWithoutMediaTypeOrWithACompressionIsNotSupported() {
        // When
        Reply without = api.send(api.request("/api/v1/runs")
                .header("Idempotency-Key", "key")
                .POST(BodyPublishers.ofString(VALID))
                .build());
        Reply compressed = api.send(api.request("/api/v1/runs")
                .header("Content-Type", "application/json")
                .header("Content-Encoding", "gzip")
                .header("Idempotency-Key", "key")
                .POST(BodyPublishers.ofString(VALID))
                .build());
        // Then
        assertThat(without.problem()).isEqualTo("415");
        assertThat(compressed.problem()).isEqualTo("415");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json;charset=UTF-8", "Application/JSON ; charset=\"utf-8\""})
    void utf8MayBeSaid(String type) {
        // When
        Reply reply = api.send(api.request("/api/v1/runs")
                .header("Content-Type", type)
                .header("Idempotency-Key", "key")
                .POST(BodyPublishers.ofString(VALID))
                .build());
        // Then
        assertThat(reply.status()).isEqualTo(201);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Idempotency-Key:\r\n",
                "Idempotency-Key: a\tb\r\n",
                "Idempotency-Key: é\r\n",
                "Idempotency-Key: a\r\nIdempotency-Key: b\r\n",
                "LONG"
            })
    void aKeyIsNeededOnceInPrintableAscii(String header) throws Exception {
        // Given
        String key = header.equals("LONG") ? "Idempotency-Key: " + "k".repeat(201) + "\r\n" : header;
        // When
        String reply = api.say("POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\n" + key + "Content-Length: "
                + VALID.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + VALID);
        // Then
        assertThat(reply).startsWith("HTTP/1.1 400 ").contains("\"field\":\"Idempotency-Key\"");
        assertThat(api.ledger.size()).isZero();
    }

    @Test
    void aKeyOfTwoHundredCharactersIsTaken() {
        // When
        Reply reply = api.send(api.post("~ ".repeat(99) + "zz", VALID));
        // Then
        assertThat(reply.status()).isEqualTo(201);
    }

    @Test
    void aLedgerThatDoesNotAnswerIsUnavailableAndItsMessageStaysInside() {
        // Given
        api.ledger.creating = created -> Mono.error(new StoreFailed(Kind.TRANSIENT, "10.1.2.3 refused user x", null));
        // When
        Reply reply = api.create(VALID);
        // Then
        assertThat(reply.problem()).isEqualTo("503");
        assertThat(reply.header("Retry-After")).isEqualTo("2");
        assertThat(reply.http().body()).doesNotContain("10.1.2.3");
    }

    @ParameterizedTest
    @CsvSource({"REJECTED,422", "CONFLICT,409", "TRANSIENT,503"})
    void eachKindOfFailureHasItsStatus(Kind kind, String status) {
        // Given
        api.ledger.creating = created -> Mono.error(new PublishFailed(kind, "why", null));
        // When
        Reply reply = api.create(VALID);
        // Then
        assertThat(reply.problem()).isEqualTo(status);
    }

    @Test
    void aLedgerThatHangsIsUnavailableInTime() {
        // Given
        ApiLimits limits = TestLimits.with(l -> l.answer = Duration.ofMillis(50));
        try (ApiUnderTest hasty = new ApiUnderTest(limits)) {
            hasty.ledger.creating = created -> Mono.never();
            // When
            Reply reply = hasty.create(VALID);
            // Then
            assertThat(reply.problem()).isEqualTo("503");
        }
    }

    @Test
    void aBugIsAnsweredWithTheIdUnderWhichTheLogHasItAndNothingElse() {
        // Given
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger(Problem.class);
        logger.addAppender(log);
        api.ledger.creating = created -> Mono.error(new IllegalStateException("secret insides"));
        // When
        Reply reply = api.create(VALID);
        logger.detachAppender(log);
        // Then
        assertThat(reply.problem()).isEqualTo("500");
        assertThat(reply.http().body()).doesNotContain("secret").doesNotContain("IllegalState");
        String detail = reply.json().get("detail").textValue();
        assertThat(detail).matches(".* error [0-9a-f]{8}");
        assertThat(log.list)
                .anySatisfy(event -> assertThat(event.getFormattedMessage())
                        .endsWith("error=" + detail.substring(detail.length() - 8)))
                .anySatisfy(event ->
                        assertThat(event.getThrowableProxy().getMessage()).isEqualTo("secret insides"));
    }
}
