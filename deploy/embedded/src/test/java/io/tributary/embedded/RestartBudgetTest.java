package io.tributary.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class RestartBudgetTest {
    private final RestartBudget budget = new RestartBudget(Duration.ofMillis(500));

    @Test
    void pausesDoubleUpToFiveSeconds() {
        // When
        List<Long> pauses = IntStream.range(0, RestartBudget.RESTARTS)
                .mapToObj(second -> budget.afterDeathAt(Duration.ofSeconds(second))
                        .orElseThrow()
                        .toMillis())
                .toList();
        // Then
        assertThat(pauses).containsExactly(500L, 1_000L, 2_000L, 4_000L, 5_000L);
    }

    @Test
    void theSixthDeathWithinAMinuteIsTheLast() {
        // Given
        IntStream.range(0, RestartBudget.RESTARTS).forEach(i -> budget.afterDeathAt(Duration.ofSeconds(i)));
        // When / Then
        assertThat(budget.afterDeathAt(Duration.ofSeconds(59))).isEmpty();
    }

    @Test
    void deathsOfMoreThanAMinuteAgoAreForgotten() {
        // Given
        IntStream.range(0, RestartBudget.RESTARTS).forEach(i -> budget.afterDeathAt(Duration.ofSeconds(i)));
        // When / Then
        assertThat(budget.afterDeathAt(Duration.ofSeconds(65))).contains(Duration.ofMillis(500));
    }
}
