package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MicrosTest {
    @ParameterizedTest
    @CsvSource({
        "2026-03-01T10:00:30.123Z, 60, 2026-03-01T10:00:00Z",
        "2026-03-01T10:00:00Z,     60, 2026-03-01T10:00:00Z",
        "2026-03-01T10:00:59.999Z, 60, 2026-03-01T10:00:00Z",
        "2026-03-01T10:07:31Z,    300, 2026-03-01T10:05:00Z",
        "1969-12-31T23:59:59.999Z, 60, 1969-12-31T23:59:00Z",
    })
    void aMomentLiesInTheWindowThatBeganBeforeIt(Instant moment, int seconds, Instant start) {
        assertThat(Micros.instant(Micros.windowStart(Micros.of(moment), Duration.ofSeconds(seconds))))
                .isEqualTo(start);
    }

    @Test
    void moreUsersOutrankFewerAndAGenerationOutranksThemAll() {
        long captured = Micros.of(Instant.parse("2026-03-01T10:00:30.123Z"));
        assertThat(WriteTime.of(1, captured, 1000)).isGreaterThan(WriteTime.of(1, captured, 999));
        assertThat(WriteTime.of(2, captured, 0)).isGreaterThan(WriteTime.of(1, captured, 5000));
        assertThat(WriteTime.of(WriteTime.MOST_GENERATIONS, captured, 5000)).isPositive();
        assertThat(WriteTime.of(1, captured, 7)).isEqualTo(10_000_000_000_000_000L + captured + 7);
    }
}
