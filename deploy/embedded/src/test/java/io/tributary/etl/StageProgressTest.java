package io.tributary.etl;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.etl.Run.Progress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jline.utils.AttributedString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StageProgressTest {
    private final AtomicLong nanos = new AtomicLong();
    private final StageProgress progress = new StageProgress(10_000, nanos::get);

    private void after(Duration time, long captured, long counted) {
        nanos.addAndGet(time.toNanos());
        progress.update(new Progress(captured, captured, captured, 0, counted, false));
    }

    private List<String> drawn(int columns, boolean fancy) {
        return progress.lines(columns, fancy).stream()
                .map(AttributedString::toString)
                .toList();
    }

    @Test
    void eachStationHasALineWithUsersPercentRateAndABar() {
        // Given
        after(Duration.ofSeconds(2), 5_000, -1);
        // When
        List<String> lines = drawn(79, false);
        // Then
        assertThat(lines)
                .containsExactly(
                        "source     captured   5,000 of 10,000 users  50 %    2,500/s  ########---------",
                        "PostgreSQL stored     5,000 of 10,000 users  50 %    2,500/s  ########---------",
                        "Kafka      published  5,000 of 10,000 users  50 %    2,500/s  ########---------",
                        "Cassandra  counted        0 of 10,000 users   0 %             -----------------");
    }

    @ParameterizedTest
    @ValueSource(ints = {79, 100, 199})
    void noLineIsLongerThanTheTerminal(int columns) {
        // Given
        after(Duration.ofSeconds(2), 10_000, 10_000);
        // When
        List<String> lines = drawn(columns, true);
        // Then
        assertThat(lines).hasSize(4).allMatch(line -> line.length() <= columns && line.contains("━"));
    }

    @Test
    void aNarrowTerminalGetsNoBar() {
        // When
        List<String> lines = drawn(60, true);
        // Then
        assertThat(lines).noneMatch(line -> line.contains("·"));
    }

    @Test
    void aLogHasOneLineASecondForAStationThatMoves() {
        // Given
        after(Duration.ofMillis(10), 1_000, -1);
        List<String> first = progress.news();
        after(Duration.ofMillis(500), 2_000, -1);
        List<String> tooSoon = progress.news();
        after(Duration.ofMillis(500), 3_000, -1);
        List<String> second = progress.news();
        after(Duration.ofSeconds(5), 3_000, -1);
        // When
        List<String> still = progress.news();
        // Then
        assertThat(first).hasSize(3);
        assertThat(tooSoon).isEmpty();
        assertThat(second).hasSize(3).first().asString().startsWith("source     captured   3,000 of 10,000 users");
        assertThat(still).isEmpty();
    }

    @Test
    void aLogAlwaysSaysThatAStationIsDone() {
        // Given
        after(Duration.ofMillis(10), 9_999, -1);
        progress.news();
        after(Duration.ofMillis(1), 10_000, -1);
        // When
        List<String> news = progress.news();
        // Then
        assertThat(news).hasSize(3).allMatch(line -> line.contains("10,000 of 10,000 users 100 %"));
    }

    @Test
    void aHundredPercentIsSaidOfAllUsersOnly() {
        // Given
        after(Duration.ofSeconds(1), 9_999, -1);
        // When
        List<String> lines = drawn(79, false);
        // Then
        assertThat(lines.get(0)).contains(" 99 %");
    }

    @Test
    void percentAreNotThoseOfBinaryFractions() {
        // Given
        after(Duration.ofSeconds(1), 5_800, -1);
        // When
        List<String> lines = drawn(79, false);
        // Then
        assertThat(lines.get(0)).contains(" 58 %");
    }

    @Test
    void theRateIsThatOfTheLastSecondsWhileItMovesAndOfAllAtTheEnd() {
        // Given
        after(Duration.ofSeconds(1), 5_000, -1);
        for (int i = 1; i <= 20; i++) {
            after(Duration.ofSeconds(1), 5_000 + i, -1);
        }
        String moving = drawn(79, false).get(0);
        after(Duration.ofSeconds(4), 10_000, -1);
        after(Duration.ofSeconds(60), 10_000, -1);
        // When
        String done = drawn(79, false).get(0);
        // Then
        assertThat(moving).contains(" 1/s");
        assertThat(done).contains(" 400/s");
    }

    @Test
    void numbersNeverFallWhenAnOldAnswerComesAfterAReconnect() {
        // Given
        after(Duration.ofSeconds(1), 5_000, 4_000);
        // When
        after(Duration.ofSeconds(1), 4_000, -1);
        // Then
        assertThat(drawn(79, false).get(0)).contains("5,000 of 10,000");
        assertThat(drawn(79, false).get(3)).contains("4,000 of 10,000");
    }

    @Test
    void timesAreThoseOfTheLastUserOfEachStation() {
        // Given
        after(Duration.ofSeconds(1), 10_000, 1);
        after(Duration.ofSeconds(2), 10_000, 10_000);
        after(Duration.ofSeconds(9), 10_000, 10_000);
        // When
        var finished = progress.finished();
        // Then
        assertThat(finished)
                .containsEntry(Stage.CAPTURED, Duration.ofSeconds(1))
                .containsEntry(Stage.COUNTED, Duration.ofSeconds(3));
        assertThat(progress.firstAt(Stage.COUNTED))
                .contains(Duration.ofSeconds(1).toNanos());
    }
}
