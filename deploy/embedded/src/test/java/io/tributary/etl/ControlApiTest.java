package io.tributary.etl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.etl.ApiException.Kind;
import io.tributary.etl.SseParser.Event;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ControlApiTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final RunOrder ORDER = new RunOrder(
            Instant.parse("2026-01-01T00:00:00Z"),
            Instant.parse("2026-01-01T00:05:00Z"),
            10_000,
            1_000,
            Optional.of("a&results=1"),
            List.of("US", "FR"),
            Optional.of(RunOrder.Gender.female),
            Optional.of(Duration.ofMinutes(10)));

    private final FakeIngest ingest;
    private final ControlApi api;

    ControlApiTest() throws IOException {
        ingest = new FakeIngest();
        api = new ControlApi(ingest.url());
    }

    @AfterEach
    void close() {
        ingest.close();
    }

    @Test
    void aRunIsOrderedAsTheContractSays() {
        // Given
        ingest.answer("POST /api/v1/runs", 201, FakeIngest.run("RUNNING", 0, 0, 0, null));
        // When
        Run run = api.startRun(ORDER, "key-1");
        // Then
        assertThat(run.id()).isEqualTo(FakeIngest.ID);
        assertThat(run.progress().counted()).isEqualTo(-1);
        assertThat(ingest.requests).containsExactly("POST /api/v1/runs key=key-1");
        assertThat(ingest.bodies.get(0))
                .isEqualTo("{\"windowStart\":\"2026-01-01T00:00:00Z\",\"windowEnd\":\"2026-01-01T00:05:00Z\","
                        + "\"users\":10000,\"pageSize\":1000,\"seed\":\"a&results=1\",\"gender\":\"female\","
                        + "\"maxRunTime\":\"PT10M\",\"nat\":[\"US\",\"FR\"]}");
    }

    @Test
    void aProblemIsToldInItsOwnWordsAndNotRepeated() {
        // Given
        ingest.answer(
                "POST /api/v1/runs", 409, FakeIngest.problem(409, "Conflict", "the key came with other parameters"));
        // When
        assertThatThrownBy(() -> api.startRun(ORDER, "key-1"))
                // Then
                .hasMessage("the control API answers 409 Conflict: the key came with other parameters")
                .isInstanceOfSatisfying(ApiException.class, e -> {
                    assertThat(e.kind()).isEqualTo(Kind.REFUSED);
                    assertThat(e.exit()).isEqualTo(ExitCode.USAGE);
                    assertThat(e.isTransient()).isFalse();
                });
    }

    @Test
    void theFieldOfAProblemIsNamed() {
        // Given
        String problem =
                "{\"title\":\"Unprocessable\",\"status\":422,\"detail\":\"expected 1..5000\",\"field\":\"pageSize\"}";
        ingest.answer("POST /api/v1/runs", 422, problem);
        // When
        assertThatThrownBy(() -> api.startRun(ORDER, "key-1"))
                // Then
                .hasMessage("the control API answers 422 Unprocessable: expected 1..5000 (pageSize)");
    }

    @Test
    void anErrorPageOfSomebodyElseIsAFailureWithItsStatus() {
        // Given
        ingest.answer("GET /api/v1/runs/" + FakeIngest.ID, 500, "<html>oops</html>");
        // When
        assertThatThrownBy(() -> api.run(FakeIngest.ID))
                // Then
                .hasMessage("the control API answers 500")
                .isInstanceOfSatisfying(ApiException.class, e -> {
                    assertThat(e.kind()).isEqualTo(Kind.FAILED);
                    assertThat(e.exit()).isEqualTo(ExitCode.BROKEN);
                });
    }

    @Test
    void anAnswerOfAnotherShapeIsNotUnderstood() {
        // Given
        ingest.answer("GET /api/v1/runs/" + FakeIngest.ID, 200, "{\"id\":\"x\",\"state\":\"DANCING\"}");
        // When
        assertThatThrownBy(() -> api.run(FakeIngest.ID))
                // Then
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("is not understood");
    }

    @Test
    void nobodyThereIsUnreachableAndMayComeBack() {
        // Given
        URI gone = ingest.url();
        ingest.close();
        // When
        assertThatThrownBy(() -> new ControlApi(gone).run(FakeIngest.ID))
                // Then
                .hasMessage("the control API at " + gone + " does not answer (connection refused)")
                .isInstanceOfSatisfying(
                        ApiException.class, e -> assertThat(e.isTransient()).isTrue());
    }

    @Test
    void eventsComeOneByOneUntilTheStreamEnds() throws InterruptedException {
        // Given
        ingest.stream(
                ": hello\n\n",
                FakeIngest.event("progress", FakeIngest.run("RUNNING", 1, 0, 0, null)),
                FakeIngest.event("settled", FakeIngest.run("COMPLETE", 10_000, 10_000, 10_000, 10_000L)));
        try (EventStream events = api.events(FakeIngest.ID)) {
            // When
            Event first = events.next(SOON).orElseThrow();
            Event second = events.next(SOON).orElseThrow();
            // Then
            assertThat(first.name()).isEqualTo("progress");
            assertThat(second.name()).isEqualTo("settled");
            assertThat(ControlApi.run(second).isSettled()).isTrue();
            assertThatThrownBy(() -> events.next(SOON)).hasMessageContaining("the stream of events has ended");
        }
    }

    @Test
    void aCutStreamGivesWhatCameAndIsUnreachableThen() throws InterruptedException {
        // Given
        ingest.cutStream(FakeIngest.event("progress", FakeIngest.run("RUNNING", 1, 0, 0, null)), "event: prog");
        try (EventStream events = api.events(FakeIngest.ID)) {
            // When
            Event first = events.next(SOON).orElseThrow();
            // Then
            assertThat(first.name()).isEqualTo("progress");
            assertThatThrownBy(() -> events.next(SOON))
                    .isInstanceOfSatisfying(
                            ApiException.class, e -> assertThat(e.isTransient()).isTrue());
        }
    }

    @Test
    void manyEventsAreTakenOneAfterTheOther() throws InterruptedException {
        // Given
        StringBuilder all = new StringBuilder();
        for (int i = 1; i <= 1_000; i++) {
            all.append(FakeIngest.event("progress", FakeIngest.run("RUNNING", i, 0, 0, null)));
        }
        ingest.stream(all.toString());
        try (EventStream events = api.events(FakeIngest.ID)) {
            for (int i = 1; i <= 1_000; i++) {
                // When
                Run run = ControlApi.run(events.next(SOON).orElseThrow());
                // Then
                assertThat(run.progress().captured()).isEqualTo(i);
            }
        }
    }

    @Test
    void aRefusedStreamIsToldInItsOwnWords() {
        // Given
        ingest.answer(
                "GET /api/v1/runs/" + FakeIngest.ID + "/events",
                404,
                FakeIngest.problem(404, "Not Found", "no such run"));
        try (EventStream events = api.events(FakeIngest.ID)) {
            // When
            assertThatThrownBy(() -> events.next(SOON))
                    // Then
                    .hasMessage("the control API answers 404 Not Found: no such run");
        }
    }
}
