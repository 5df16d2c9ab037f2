package io.tributary.ingest.api;

import static io.tributary.ingest.api.ApiUnderTest.VALID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tributary.ingest.api.ApiUnderTest.Reply;
import io.tributary.schemas.BadConfig;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may ask for what. */
class AccessTest {
    private static final String READER = "reader-0123456789abcdef";
    private static final String WRITER = "writer-0123456789abcdef";
    private static final String SCRAPER = "scraper-0123456789abcdef";

    @TempDir
    static Path dir;

    private Path tokens;
    private ApiUnderTest api;

    @BeforeEach
    void start() throws IOException {
        tokens = dir.resolve("tokens");
        Files.writeString(
                tokens,
                "# who may ask\n\nruns:read " + READER + "\nruns:write " + WRITER + "\nmetrics " + SCRAPER + "\n");
        api = new ApiUnderTest(TestLimits.with(usual -> {}), access());
    }

    private Access access() {
        return new Access(Optional.of(() -> AccessTokens.read("INGEST_TOKENS_FILE", tokens)), Optional.empty());
    }

    @AfterEach
    void close() {
        api.close();
    }

    @ParameterizedTest
    @Tag("bad-input-1")
    @DisplayName("1 · no, wrong, empty or 10 KB token: 401, not echoed")
    @ValueSource(strings = {"", "Bearer", "Bearer ", "Bearer wrong-token-0123456789", "Basic " + READER, "LONG"})
    void whoHasNoTokenThatIsKnownIsRefused(String authorization) {
        // Given
        String said = authorization.equals("LONG") ? "Bearer " + "x".repeat(10 * 1024) : authorization;
        HttpRequest.Builder request = api.request("/api/v1/runs");
        // When
        Reply reply = api.send((said.isEmpty() ? request : request.header("Authorization", said)).build());
        // Then
        assertThat(reply.problem()).isEqualTo("401");
        assertThat(reply.header("WWW-Authenticate")).isEqualTo("Bearer");
        assertThat(reply.http().body())
                .doesNotContain("xxxx")
                .doesNotContain("wrong-token")
                .doesNotContain(READER);
    }

    @Test
    @Tag("bad-input-1")
    @DisplayName("1 · two tokens at once are none")
    void twoTokensAreNone() {
        // When
        Reply reply = api.send(api.request("/api/v1/runs")
                .header("Authorization", "Bearer " + READER)
                .header("Authorization", "Bearer " + WRITER)
                .build());
        // Then
        assertThat(reply.problem()).isEqualTo("401");
    }

    @Test
    @Tag("bad-input-2")
    @DisplayName("2 · a read token on POST /runs: 403")
    void aReadTokenCreatesNothing() {
        // When
        Reply reply = post(READER);
        // Then
        assertThat(reply.problem()).isEqualTo("403");
        assertThat(api.ledger.size()).isZero();
    }

    @Test
    void whoMayIsLet() {
        assertThat(post(WRITER).status()).isEqualTo(201);
        assertThat(get("/api/v1/runs", READER).status()).isEqualTo(200);
        assertThat(get("/metrics", SCRAPER).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"/metrics," + READER, "/api/v1/runs," + WRITER, "/api/v1/config," + SCRAPER})
    void noScopeHoldsAnother(String path, String token) {
        assertThat(get(path, token).problem()).isEqualTo("403");
    }

    @Test
    void everyOperationButHealthTheContractAndThePageAsksForAToken() {
        Contract contract = Contract.load(ApiUnderTest.VERTX).block();
        contract.openApi()
                .getPaths()
                .forEach(path -> path.getOperations().forEach(operation -> {
                    // Given
                    String where = path.getName()
                            .replace("{id}", "00000000-0000-0000-0000-000000000001")
                            .replace("{file}", "main.js");
                    // When
                    Reply reply = api.send(api.request(where)
                            .method(operation.getHttpMethod().name(), BodyPublishers.noBody())
                            .build());
                    // Then
                    boolean open = Set.of(
                                    "isLive", "isReady", "getContract", "getContractAsYaml", "getPage", "getPageFile")
                            .contains(operation.getOperationId());
                    assertThat(reply.status() == 401)
                            .as(operation.getOperationId())
                            .isEqualTo(!open);
                }));
    }

    @Test
    void aTokenIsAskedForHoweverThePathIsWritten() {
        for (String path :
                new String[] {"/api/v1/runs/", "//api/v1/runs", "/api/./v1/runs", "/api/v1/%72uns", "/metrics/"}) {
            assertThat(api.get(path).status()).as(path).isIn(401, 404);
        }
    }

    @Test
    void tokensAreRotatedWithoutARestart() throws IOException {
        // Given
        Bearer bearer = new Bearer(access().tokens().orElseThrow());
        Runnable stop = bearer.rereadOn(ApiUnderTest.VERTX, Duration.ofMillis(10));
        try {
            // When
            Files.writeString(tokens, "runs:read old-0123456789abcdef\nruns:read new-0123456789abcdef\n");
            // Then
            await().until(() -> bearer.knows("new-0123456789abcdef"));
            assertThat(bearer.knows("old-0123456789abcdef")).isTrue();
            assertThat(bearer.knows(READER)).isFalse();
        } finally {
            stop.run();
        }
    }

    @Test
    void aTokenFileThatGoesBadLeavesTheKnownTokensValid() throws Exception {
        // Given
        Bearer bearer = new Bearer(access().tokens().orElseThrow());
        // When
        Files.delete(tokens);
        bearer.reread();
        // Then
        assertThat(bearer.knows(READER)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "# nobody\n",
                "runs:read\n",
                "runs:read short\n",
                "runs:all secret-0123456789abcdef\n",
                "runs:read, secret-0123456789abcdef\n",
                "runs:read secret-0123456789abcdef more\n",
                "runs:read secret-0123456789abcd\u00e9f\n"
            })
    void aTokenFileIsRefusedByLineAndNeverByItsContent(String content) throws IOException {
        // Given
        Files.writeString(tokens, content);
        // When
        assertThatThrownBy(() -> AccessTokens.read("INGEST_TOKENS_FILE", tokens))
                // Then
                .isInstanceOf(BadConfig.class)
                .hasMessageStartingWith("INGEST_TOKENS_FILE")
                .hasMessageNotContaining("secret-0123");
    }

    private Reply post(String token) {
        return api.send(api.request("/api/v1/runs")
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", "key")
                .header("Authorization", "Bearer " + token)
                .POST(BodyPublishers.ofString(VALID))
                .build());
    }

    private Reply get(String path, String token) {
        return api.send(
                api.request(path).header("Authorization", "bearer " + token).build());
    }
}
