package io.tributary.ingest.live;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BehindTest {
    private final Behind behind = new Behind();

    @Test
    void whoHasReachedTheEndIsNotBehind() {
        behind.add(1_000, 50);
        assertThat(behind.millis(50)).isZero();
        assertThat(behind.millis(60)).isZero();
        assertThat(new Behind().millis(0)).isZero();
    }

    @Test
    void betweenTwoLooksTheCountIsTakenToGrowEvenly() {
        // Given
        behind.add(1_000, 0);
        behind.add(2_000, 100);
        behind.add(3_000, 100);
        // Then
        assertThat(behind.millis(75)).isEqualTo(1_250);
        assertThat(behind.millis(0)).isEqualTo(2_000);
    }

    @Test
    void whatIsLongerAgoThanIsRememberedIsAtLeastSoMuch() {
        // Given
        for (int second = 0; second < 2 * Behind.SAMPLES; second++) {
            behind.add(second * 1_000L, second * 10L);
        }
        // Then
        assertThat(behind.millis(0)).isEqualTo((Behind.SAMPLES - 1) * 1_000L);
    }
}
