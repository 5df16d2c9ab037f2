package io.tributary.ingest.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OccupancyTest {
    private final Occupancy occupancy = new Occupancy();

    @Test
    void timeInsideAddsUpAlsoOfThoseThatAreStillThere() {
        // When
        occupancy.enter(100);
        occupancy.enter(200);
        occupancy.leave(300);
        // Then
        assertThat(occupancy.inside()).isEqualTo(1);
        assertThat(occupancy.busyNanos(1_000)).isEqualTo(100 + 2 * 100 + 700);
    }

    @Test
    void whileNobodyIsInsideNothingIsAdded() {
        // Given
        occupancy.enter(100);
        occupancy.leave(150);
        // Then
        assertThat(occupancy.busyNanos(9_000)).isEqualTo(50);
    }
}
