package io.tributary.ingest.api;

import static io.tributary.ingest.api.FakeLedger.progress;
import static io.tributary.ingest.api.FakeLedger.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingest.api.ApiUnderTest.Reply;
import io.tributary.ingest.ledger.RunBoard.GivenUp;
import io.tributary.ingest.ledger.RunBoard.Reason;
import io.tributary.ingest.ledger.RunBoard.Row;
import io.tributary.ingest.model.PageState;
import io.tributary.ingest.model.RunState;
import io.tributary.ingest.reconcile.Windows.Group;
import io.tributary.ingest.reconcile.Windows.WindowCounts;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.Validator;
import java.io.IOException;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The live page over HTTP: its files, and that what it is sent is what the contract says. */
class LivePageTest {
    private final ApiUnderTest api = new ApiUnderTest();

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void thePageMayLoadNothingFromElsewhereAndNothingInline() {
        // When
        Reply page = api.get("/");
        // Then
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.header("Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(page.header("Content-Security-Policy"))
                .contains("default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'")
                .doesNotContain("unsafe");
        assertThat(page.http().body())
                .doesNotContain("<style", " style=", " onclick=", "http://", "https://")
                .doesNotContainPattern("<script(?![^>]* src=)");
    }

    @Test
    void everyFileThatThePageAsksForIsThere() {
        // Given
        List<String> asked = Stream.concat(
                        found(
                                "(?:src|href)=\"(/page/[^\"]+)\"",
                                api.get("/").http().body()),
                        Stream.of("main", "runs", "charts", "flow", "windows")
                                .map(module -> api.get("/page/" + module + ".js")
                                        .http()
                                        .body())
                                .flatMap(text -> found("from '\\./([^']+)'", text))
                                .map(name -> "/page/" + name))
                .distinct()
                .toList();
        // Then
        assertThat(asked).hasSizeGreaterThan(8);
        assertThat(asked).allSatisfy(path -> {
            Reply file = api.get(path);
            assertThat(file.status()).as(path).isEqualTo(200);
            assertThat(file.header("Content-Type")).matches("(text/(javascript|css)|image/svg).*");
            assertThat(file.header("X-Content-Type-Options")).isEqualTo("nosniff");
        });
    }

    private static Stream<String> found(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map((MatchResult one) -> one.group(1))
                .toList()
                .stream();
    }

    @Test
    void noOtherFileIsServed() {
        assertThat(api.get("/page/ControlApi.class").problem()).isEqualTo("404");
        assertThat(api.get("/page/openapi.yaml").problem()).isEqualTo("404");
        assertThat(api.get("/page/..%2Fapi%2Fopenapi.yaml").status()).isIn(400, 404);
    }

    @Test
    void aSnapshotIsWhatTheContractSays() throws Exception {
        // Given
        api.dependencies = Mono.just(Map.of("kafka", Optional.of("no answer for 1 s"), "postgres", Optional.empty()));
        api.windows = Flux.just(new WindowCounts(FakeLedger.CREATED, List.of(new Group("FR", "female", 7, 7, 280))));
        List<PageState> cells = new ArrayList<>(Collections.nCopies(3, PageState.COMPLETE));
        cells.addAll(List.of(PageState.LEASED, PageState.CAPTURED, PageState.PLANNED, PageState.QUARANTINED));
        api.board = () -> Mono.just(List.of(new Row(
                progress(run(1, RunState.RUNNING), 300),
                1,
                cells,
                List.of(new Reason("login.uuid is no UUID", 3)),
                List.of(new GivenUp(7, 5, "the source sent too few users")))));
        // When
        JsonObject snapshot = snapshot();
        // Then
        JsonObject contract =
                new JsonObject(api.get("/api/v1/openapi.json").http().body());
        JsonSchema schema = JsonSchema.of(new JsonObject()
                .put("$id", "https://tributary/snapshot")
                .put("$ref", "#/components/schemas/Snapshot")
                .put("components", contract.getJsonObject("components")));
        Validator validator = Validator.create(
                schema, new JsonSchemaOptions().setDraft(Draft.DRAFT202012).setBaseUri("https://tributary"));
        OutputUnit checked = validator.validate(snapshot);
        assertThat(checked.getValid()).as(String.valueOf(checked.getErrors())).isTrue();
        JsonObject wrong = snapshot.copy();
        wrong.getJsonArray("runs").getJsonObject(0).put("cells", "X1");
        assertThat(validator.validate(wrong).getValid()).as("it can fail").isFalse();
        JsonObject run = snapshot.getJsonArray("runs").getJsonObject(0);
        assertThat(run.getString("cells")).isEqualTo("D3L1C1P1Q1");
        assertThat(run.getJsonArray("deadLetters").getJsonObject(0).getInteger("users"))
                .isEqualTo(3);
        assertThat(snapshot.getJsonArray("stages").getJsonObject(3).getString("state"))
                .isEqualTo("down");
        assertThat(snapshot.getLong("setAside")).isEqualTo(2);
    }

    /** The first that has everything. */
    private JsonObject snapshot() throws IOException, InterruptedException {
        try (Stream<String> lines = api.http()
                .send(api.request("/api/v1/live").build(), BodyHandlers.ofLines())
                .body()) {
            return lines.filter(line -> line.startsWith("data: "))
                    .map(line -> new JsonObject(line.substring("data: ".length())))
                    .filter(seen -> seen.getJsonArray("runs") != null
                            && seen.getJsonArray("windows") != null
                            && !seen.getJsonObject("servers").isEmpty())
                    .findFirst()
                    .orElseThrow();
        }
    }
}
