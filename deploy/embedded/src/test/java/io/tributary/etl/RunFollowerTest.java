package io.tributary.etl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.etl.RunFollower.Patience;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RunFollowerTest {
    private static final String RUN = "GET /api/v1/runs/" + FakeIngest.ID;
    private static final Patience QUICK =
            new Patience(Duration.ofSeconds(120), Duration.ofSeconds(60), Duration.ofMinutes(11), Duration.ofMillis(1));

    private final FakeIngest ingest;
    private final List<Run> heard = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    /** Each look at the clock takes a second. */
    private final AtomicLong clock = new AtomicLong();

    RunFollowerTest() throws IOException {
        ingest = new FakeIngest();
    }

    @AfterEach
    void close() {
        ingest.close();
    }

    private RunFollower follower(URI url, Duration tick) {
        Run started = Run.of(Json.parse(FakeIngest.run("RUNNING", 0, 0, 0, null)));
        return new RunFollower(
                new ControlApi(url),
                started,
                QUICK,
                () -> clock.addAndGet(tick.toNanos()),
                heard::add,
                notes::add,
                () -> {});
    }

    @Test
    void aRunIsFollowedUntilCassandraHasCountedAllOfIt() throws InterruptedException {
        // Given
        ingest.answer(RUN, 200, FakeIngest.run("RUNNING", 0, 0, 0, null));
        ingest.stream(
                FakeIngest.event("progress", FakeIngest.run("RUNNING", 5_000, 4_000, 4_000, 1_000L)),
                FakeIngest.event("progress", FakeIngest.run("COMPLETE", 10_000, 10_000, 10_000, 9_000L)),
                FakeIngest.event("settled", FakeIngest.run("COMPLETE", 10_000, 10_000, 10_000, 10_000L)));
        // When
        Run end = follower(ingest.url(), Duration.ZERO).follow();
        // Then
        assertThat(end.isSettled()).isTrue();
        assertThat(heard)
                .extracting(run -> run.progress().captured())
                .containsExactly(0L, 0L, 5_000L, 10_000L, 10_000L);
        assertThat(notes).isEmpty();
    }

    @Test
    void aStreamThatIsCutIsOpenedAgainAndSaidOnce() throws InterruptedException {
        // Given
        ingest.answer(RUN, 200, FakeIngest.run("RUNNING", 0, 0, 0, null))
                .answer(RUN, 503, FakeIngest.problem(503, "Unavailable", "starting"))
                .answer(RUN, 503, FakeIngest.problem(503, "Unavailable", "starting"))
                .answer(RUN, 200, FakeIngest.run("RUNNING", 6_000, 6_000, 6_000, 0L));
        ingest.cutStream(FakeIngest.event("progress", FakeIngest.run("RUNNING", 5_000, 5_000, 5_000, null))).stream(
                FakeIngest.event("settled", FakeIngest.run("COMPLETE", 10_000, 10_000, 10_000, 10_000L)));
        // When
        Run end = follower(ingest.url(), Duration.ZERO).follow();
        // Then
        assertThat(end.isSettled()).isTrue();
        assertThat(heard).extracting(run -> run.progress().captured()).containsExactly(0L, 0L, 5_000L, 6_000L, 10_000L);
        assertThat(notes).hasSize(2);
        assertThat(notes.get(0)).endsWith("does not answer (the stream of events was cut); trying again");
        assertThat(notes.get(1)).isEqualTo("ingest answers again");
    }

    @Test
    void aRunThatSettledWhileNobodyListenedIsSeen() throws InterruptedException {
        // Given
        ingest.answer(RUN, 200, FakeIngest.run("COMPLETE", 10_000, 10_000, 10_000, 10_000L));
        // When
        Run end = follower(ingest.url(), Duration.ZERO).follow();
        // Then
        assertThat(end.isSettled()).isTrue();
    }

    @Test
    void anIngestThatStaysAwayBreaksTheCommand() {
        // Given
        URI gone = ingest.url();
        ingest.close();
        // When
        assertThatThrownBy(() -> follower(gone, Duration.ofSeconds(10)).follow())
                // Then
                .hasMessageContaining("does not answer (connection refused), for 1")
                .isInstanceOfSatisfying(
                        EtlFailure.class, e -> assertThat(e.exit()).isEqualTo(ExitCode.BROKEN));
    }

    @Test
    void anEndedRunThatCassandraDoesNotCountIsGivenBackAsItStands() throws InterruptedException {
        // Given
        ingest.answer(RUN, 200, FakeIngest.run("COMPLETE", 10_000, 10_000, 10_000, 9_000L));
        ingest.stream(": heartbeat\n\n");
        // When
        Run end = follower(ingest.url(), Duration.ofSeconds(5)).follow();
        // Then
        assertThat(end.isTerminal()).isTrue();
        assertThat(end.isSettled()).isFalse();
    }

    @Test
    void aRunThatDoesNotMoveForLongerThanTheSourcesQuotaBreaksTheCommand() {
        // Given
        ingest.answer(RUN, 200, FakeIngest.run("RUNNING", 1_000, 1_000, 1_000, 1_000L));
        ingest.stream(": heartbeat\n\n");
        // When
        assertThatThrownBy(() -> follower(ingest.url(), Duration.ofSeconds(30)).follow())
                // Then
                .hasMessageContaining("has not moved for 11 min")
                .isInstanceOfSatisfying(
                        EtlFailure.class, e -> assertThat(e.exit()).isEqualTo(ExitCode.BROKEN));
    }

    @Test
    void aRunThatIsUnknownIsNotWaitedFor() {
        // When
        assertThatThrownBy(() -> follower(ingest.url(), Duration.ZERO).follow())
                // Then
                .hasMessageContaining("answers 404");
    }
}
