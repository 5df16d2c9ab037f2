package io.tributary.randomuser;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MomentTest {
    private static final DateTimeFormatter ISO = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'");

    @Test
    void anInstantIsWrittenAsJavaTimeWritesIt() {
        // Given
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            long millis = -2_208_988_800_000L + (long) (random.nextDouble() * 6e12);
            Ascii text = new Ascii();
            // When
            Moment.of(millis).iso(text);
            // Then
            assertThat(new String(text.bytes(), 0, text.length(), StandardCharsets.US_ASCII))
                    .isEqualTo(ISO.format(Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC)));
        }
    }

    @Test
    void yearsAreFullYears() {
        // Given
        Random random = new Random(8);
        for (int i = 0; i < 20_000; i++) {
            LocalDate born = LocalDate.of(1944, 1, 1).plusDays(random.nextInt(25_000));
            LocalDate today = born.plusDays(random.nextInt(30_000));
            // When
            int years = Moment.of(born.toEpochDay() * 86_400_000).yearsUntil(today);
            // Then
            assertThat(years).isEqualTo((int) ChronoUnit.YEARS.between(born, today));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "2000-10-19,2026-10-18,25",
        "2000-10-19,2026-10-19,26",
        "2000-02-29,2026-02-28,25",
        "2000-02-29,2026-03-01,26"
    })
    void aBirthdayIsReachedOnItsDay(LocalDate born, LocalDate today, int age) {
        // When
        int years = Moment.of(born.toEpochDay() * 86_400_000).yearsUntil(today);
        // Then
        assertThat(years).isEqualTo(age);
    }
}
