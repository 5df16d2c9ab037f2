package io.tributary.ingest.api;

import static io.tributary.ingest.api.ApiUnderTest.VALID;
import static io.tributary.ingest.api.ApiUnderTest.json;
import static io.tributary.ingest.api.FakeLedger.progress;
import static io.tributary.ingest.api.FakeLedger.run;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.ingest.api.ApiUnderTest.Reply;
import io.tributary.ingest.model.RunState;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** What the contract says beside runs and how it is served. */
class ContractTest {
    private static final String ONE = "/api/v1/runs/" + new UUID(0, 1);

    private final ApiUnderTest api = new ApiUnderTest();

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void theDocumentIsServedWholeAndInBothForms() {
        // When
        Reply asJson = api.get("/api/v1/openapi.json");
        Reply asYaml = api.get("/api/v1/openapi.yaml");
        // Then
        JsonNode paths = asJson.json().get("paths");
        assertThat(paths).hasSize(19);
        paths.forEach(path -> path.forEach(operation -> operation
                .get("responses")
                .forEach(response -> assertThat(response.has("content") || response.has("$ref"))
                        .isTrue())));
        assertThat(asYaml.http().body()).startsWith("openapi: 3.1.0");
    }

    @Test
    void theSettingsAreShownWithoutSecrets() {
        assertThat(api.get("/api/v1/config").json())
                .isEqualTo(json("{\"INGEST_TOPIC\":\"users\",\"INGEST_SECRET_FILE\":\"***\"}"));
    }

    @Test
    void aRedriveWakesTheWorkersAndTellsHowManyPagesAreTriedAgain() {
        // Given
        api.ledger.hold(progress(run(1, RunState.INCOMPLETE), 100));
        api.redrive = run -> Mono.just(3);
        // When
        Reply reply = post(ONE + "/redrive", null);
        // Then
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.json().get("pages").intValue()).isEqualTo(3);
        assertThat(reply.json().get("run").get("id").textValue()).isEqualTo(new UUID(0, 1).toString());
        assertThat(api.wakes).hasValue(1);
    }

    @Test
    void aReplayIsPutInLineAndShown() {
        // Given
        api.ledger.hold(progress(run(1, RunState.COMPLETE), 1_000));
        // When
        Reply begun = post(ONE + "/replay", "{\"topic\":\"elsewhere\"}");
        Reply again = post(ONE + "/replay", null);
        // Then
        assertThat(begun.status()).isEqualTo(202);
        assertThat(begun.json()).isEqualTo(json("""
            {"id":"00000000-0000-0001-0000-000000000001","run":"00000000-0000-0000-0000-000000000001","topic":"elsewhere",
             "state":"RUNNING","pages":0,"pagesTotal":10,"records":0,"startedAt":"2026-07-01T12:00:00Z","endedAt":null,
             "cause":null}\
            """));
        assertThat(api.get(begun.header("Location")).json()).isEqualTo(begun.json());
        assertThat(again.problem()).isEqualTo("409");
        assertThat(api.topics).containsExactly("elsewhere", "users");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\"\"", "\".\"", "\"..\"", "\"a b\"", "\"../x\"", "\"__consumer_offsets\"", "\"users.dlq\"", "7"
            })
    void aNameThatIsNoTopicForRecordsIsRefused(String topic) {
        // Given
        api.ledger.hold(progress(run(1, RunState.COMPLETE), 1_000));
        // When
        Reply reply = post(ONE + "/replay", "{\"topic\":" + topic + "}");
        // Then
        assertThat(reply.problem()).isEqualTo("422 topic");
        assertThat(api.topics).isEmpty();
    }

    @Test
    void aTopicsNameOf250CharactersIsTooLong() {
        api.ledger.hold(progress(run(1, RunState.COMPLETE), 1_000));
        assertThat(post(ONE + "/replay", "{\"topic\":\"" + "x".repeat(250) + "\"}")
                        .problem())
                .isEqualTo("422 topic");
    }

    @ParameterizedTest
    @CsvSource({"redrive,404", "replay,404"})
    void onlyARunThatThereIsCanBeDoneAgain(String what, String problem) {
        assertThat(post(ONE + "/" + what, null).problem()).isEqualTo(problem);
        assertThat(post("/api/v1/runs/x/" + what, null).problem()).isEqualTo("400 id");
    }

    @Test
    void aReplayThatThereIsNotIsNotFound() {
        assertThat(api.get("/api/v1/replays/" + new UUID(0, 9)).problem()).isEqualTo("404");
    }

    @Test
    void aPlanIsCheckedAsARunIs() {
        assertThat(post("/api/v1/plans", ApiUnderTest.with("users", "0")).problem())
                .isEqualTo("422 users");
        assertThat(post("/api/v1/plans", VALID).problem()).isEqualTo("503"); // there is no registry here
        assertThat(api.ledger.size()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.5", "{\"a\":1}", "true", "%41%zz", "7", "\"quoted\""})
    void aKeyIsTextWhateverElseItLooksLike(String key) {
        // When
        Reply reply = api.send(api.post(key, VALID));
        // Then
        assertThat(reply.status()).isEqualTo(201);
        assertThat(api.ledger.asked(key)).isNotNull();
    }

    private Reply post(String path, String body) {
        HttpRequest.Builder request = api.request(path);
        return api.send(
                body == null
                        ? request.POST(BodyPublishers.noBody()).build()
                        : request.header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(body))
                                .build());
    }
}
