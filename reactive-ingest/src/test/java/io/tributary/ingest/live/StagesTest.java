package io.tributary.ingest.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingest.live.StageView.Name;
import io.tributary.ingest.live.StageView.State;
import io.tributary.ingest.metrics.IngestMetrics.Stage;
import io.tributary.ingest.metrics.IngestReading;
import io.tributary.ingest.metrics.IngestReading.OfSource;
import io.tributary.ingest.metrics.IngestReading.OfStage;
import io.tributary.ingest.sink.kafka.TopicProgress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who is called what, by numbers alone. */
class StagesTest {
    private static final int SLOTS = 4;
    private static final long SECOND = 1_000_000_000L;

    private final Stages stages = new Stages(SLOTS);
    private final Now now = new Now();

    @Test
    void atRestNothingIsSaidToHoldAnything() {
        stages.next(now.look());
        assertThat(stages.next(now.after(1))).allMatch(stage -> stage.state() == State.IDLE);
    }

    @Test
    void ratesAndTimesAreThoseOfTheLastSeconds() {
        // Given a minute ago much, and since then 500 users in two pages a second
        now.passes(Stage.FETCH, 1_000_000, 1_000, 100);
        stages.next(now.look());
        List<StageView> seen = List.of();
        // When
        for (int second = 0; second < 60; second++) {
            now.passes(Stage.FETCH, 500, 2, 0.5);
            seen = stages.next(now.after(1));
        }
        // Then
        StageView source = of(Name.SOURCE, seen);
        assertThat(source.usersPerSecond()).isEqualTo(500);
        assertThat(source.millis()).isEqualTo(250);
        assertThat(source.state()).isEqualTo(State.FLOWING);
    }

    @ParameterizedTest
    @CsvSource({"FETCH,SOURCE", "CAPTURE,CAPTURE", "STORE,POSTGRES", "PUBLISH,KAFKA"})
    void whileTheSlotsAreBusyTheStageWithMostOfThePagesHoldsTheOthersBack(Stage slow, Name holds) {
        // Given
        stages.next(now.look());
        // When
        now.slots(3.9);
        for (Stage stage : Stage.values()) {
            now.passes(stage, 500, 2, stage == slow ? 2.5 : 0.4);
        }
        // Then
        assertThat(stages.next(now.after(1)).stream()
                        .filter(stage -> stage.state() == State.HOLDING)
                        .map(StageView::name))
                .containsExactly(holds);
    }

    @Test
    void whileSlotsAreFreeNobodyHoldsAnybodyBack() {
        // Given
        stages.next(now.look());
        // When
        now.slots(1.5);
        now.passes(Stage.FETCH, 500, 2, 1.5);
        // Then
        assertThat(stages.next(now.after(1))).noneMatch(stage -> stage.state() == State.HOLDING);
    }

    @Test
    void aQuotaThatIsUsedUpIsTheSourceHoldingWhilePagesWaitForIt() {
        // Given
        now.pause = Duration.ofSeconds(7);
        // Then
        StageView source = of(Name.SOURCE, stages.next(now.look()));
        assertThat(source.state()).isEqualTo(State.HOLDING);
        assertThat(source.words()).contains("7 s");
        now.hasOpenPages = false;
        assertThat(of(Name.SOURCE, stages.next(now.after(1))).state()).isEqualTo(State.IDLE);
    }

    @ParameterizedTest
    @CsvSource({"postgres,CAPTURE;POSTGRES", "kafka,KAFKA", "registry,KAFKA", "cassandra,CASSANDRA"})
    void aServerThatDoesNotAnswerIsDownWithItsReasonAtOnceAndWellAtOnce(String server, String names) {
        // When
        now.servers.put(server, Optional.of("no answer for 1 s"));
        List<StageView> seen = stages.next(now.look());
        // Then
        assertThat(seen.stream()
                        .filter(stage -> stage.state() == State.DOWN)
                        .map(stage -> stage.name().name()))
                .containsExactly(names.split(";"));
        assertThat(seen)
                .filteredOn(stage -> stage.state() == State.DOWN)
                .allMatch(stage -> stage.words().endsWith("no answer for 1 s"));
        now.servers.put(server, Optional.empty());
        assertThat(stages.next(now.after(1))).noneMatch(stage -> stage.state() == State.DOWN);
    }

    @ParameterizedTest
    @CsvSource({"postgres,CAPTURE", "postgres,STORE", "kafka,PUBLISH"})
    void aServerThatIsSlowToAnswerIsNotDownWhileItTakesPages(String server, Stage stage) {
        // Given
        now.servers.put(server, Optional.of("no answer for 1 s"));
        stages.next(now.look());
        // When
        now.passes(stage, 500, 1, 0.5);
        State taking = of(named(stage), stages.next(now.after(1))).state();
        State still = of(named(stage), stages.next(now.after(1))).state();
        // Then
        assertThat(List.of(taking, still)).containsExactly(State.FLOWING, State.DOWN);
    }

    private static Name named(Stage stage) {
        return switch (stage) {
            case FETCH -> Name.SOURCE;
            case CAPTURE -> Name.CAPTURE;
            case STORE -> Name.POSTGRES;
            case PUBLISH -> Name.KAFKA;
        };
    }

    @Test
    void cassandraIsNotDownWhileItTellsWhatItHasStillToCount() {
        now.servers.put("cassandra", Optional.of("no answer for 1 s"));
        now.uncounted = Optional.of(30_000L);
        assertThat(of(Name.CASSANDRA, stages.next(now.look())).state()).isEqualTo(State.FLOWING);
        now.uncounted = Optional.empty();
        assertThat(of(Name.CASSANDRA, stages.next(now.after(1))).state()).isEqualTo(State.DOWN);
    }

    @Test
    void sparkIsDownWhenItStandsStillWhileRecordsWait() {
        // Given
        now.topic = new TopicProgress(100, 100L, 0L, null);
        stages.next(now.look());
        // When
        now.topic = new TopicProgress(150, 100L, 50L, null);
        State soon = of(Name.SPARK, stages.next(now.after(1))).state();
        State late = of(Name.SPARK, stages.next(now.after(21))).state();
        now.topic = new TopicProgress(150, 120L, 30L, null);
        State again = of(Name.SPARK, stages.next(now.after(1))).state();
        // Then
        assertThat(List.of(soon, late)).containsExactly(State.FLOWING, State.DOWN);
        assertThat(again).isNotEqualTo(State.DOWN);
    }

    @Test
    void sparkStandsForHoursWhereNothingWaits() {
        now.topic = new TopicProgress(100, 100L, 0L, null);
        stages.next(now.look());
        assertThat(of(Name.SPARK, stages.next(now.after(7_200))).state()).isEqualTo(State.IDLE);
        now.topic = new TopicProgress(150, 100L, 50L, null);
        assertThat(of(Name.SPARK, stages.next(now.after(1))).state()).isEqualTo(State.FLOWING);
    }

    @Test
    void sparkHoldsWhenItIsFarBehindTheTopic() {
        // Given
        for (int second = 0; second < 12; second++) {
            now.topic = new TopicProgress(100 * second, 10L * second, 90L * second, null);
            stages.next(now.after(1));
        }
        // Then
        StageView spark = of(Name.SPARK, stages.next(now.after(1)));
        assertThat(spark.state()).isEqualTo(State.HOLDING);
        assertThat(spark.millis()).isBetween(10_000L, 12_000L);
        assertThat(spark.usersPerSecond()).isBetween(7.0, 10.0);
    }

    @Test
    void sparkIsNotBlamedWhileItCanNotRead() {
        // Given
        for (int second = 0; second < 12; second++) {
            now.topic = new TopicProgress(100 * second, 10L * second, 90L * second, null);
            stages.next(now.after(1));
        }
        // When
        now.servers.put("kafka", Optional.of("no answer for 1 s"));
        // Then
        assertThat(stages.next(now.after(1))).noneMatch(stage -> stage.state() == State.HOLDING);
    }

    @Test
    void aStreamThatHasToldNothingIsNotKnown() {
        now.topic = new TopicProgress(100, null, null, null);
        assertThat(of(Name.SPARK, stages.next(now.look())).state()).isEqualTo(State.UNKNOWN);
    }

    private static StageView of(Name name, List<StageView> all) {
        return all.get(name.ordinal());
    }

    /** What is seen next. */
    private static final class Now {
        final Map<String, Optional<String>> servers = new HashMap<>();
        TopicProgress topic = new TopicProgress(0, 0L, 0L, null);
        Optional<Long> uncounted = Optional.of(0L);
        Duration pause = Duration.ZERO;
        boolean hasOpenPages = true;
        private final Map<Stage, OfStage> of = new EnumMap<>(Stage.class);
        private long nanos;
        private long slotsBusy;

        Now() {
            for (Stage stage : Stage.values()) {
                of.put(stage, new OfStage(0, 0, 0, 0, false));
            }
        }

        /** So many users in so many pages, which were inside for so many seconds together. */
        void passes(Stage stage, long users, long pages, double seconds) {
            OfStage before = of.get(stage);
            of.put(
                    stage,
                    new OfStage(
                            before.users() + users,
                            before.pages() + pages,
                            before.busyNanos() + (long) (seconds * SECOND),
                            0,
                            false));
        }

        void slots(double seconds) {
            slotsBusy += (long) (seconds * SECOND);
        }

        Look after(int seconds) {
            nanos += seconds * SECOND;
            return look();
        }

        Look look() {
            return new Look(
                    nanos / 1_000_000,
                    new IngestReading(nanos, slotsBusy, new EnumMap<>(of), new OfSource(4, 0, 0, 0, 0, pause)),
                    Map.copyOf(servers),
                    Optional.of(topic),
                    Optional.of(0L),
                    uncounted,
                    hasOpenPages);
        }
    }
}
