package io.tributary.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourceDateTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2000-10-19T09:20:17.142Z",
                "1970-01-01T00:00:00.000Z",
                "1969-12-31T23:59:59.999Z",
                "2024-02-29T00:00:00.000Z",
                "0001-01-01T00:00:00.000Z",
                "9999-12-31T23:59:59.999Z",
                "2016-12-31T23:59:60.000Z",
                "2000-10-19T24:00:00.000Z",
                "2000-10-19T09:20:17Z",
                "2000-10-19T09:20:17.1429999Z",
                "1950-10-19T09:20:17.1429999Z",
                "2000-10-19T09:20:17.142+02:00",
            })
    void itIsTheInstantThatTheJdkReadsInWholeMilliseconds(String text) {
        assertThat(Instant.ofEpochMilli(millis(text)))
                .isEqualTo(Instant.parse(text).truncatedTo(ChronoUnit.MILLIS));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "now",
                "2021-02-29T00:00:00.000Z",
                "2021-02-30T00:00:00.000Z",
                "2021-00-10T00:00:00.000Z",
                "2021-01-00T00:00:00.000Z",
                "2021-01-01T24:00:00.001Z",
                "2021-01-01T00:60:00.000Z",
                "2021-01-01T00:00:61.000Z",
                "2021-01-01T00:00:00.0-1Z",
                "-021-01-01T00:00:00.000Z",
                "0000-12-31T23:59:59.999Z",
                "-0001-01-01T00:00:00Z",
                "+10000-01-01T00:00:00Z",
                "2021-01-01T00:00:00.000",
                "2021-01-01 00:00:00.000Z",
                "٢٠٢١-01-01T00:00:00.000Z",
                "2021-01-01T00:00:00.00000000000000000000000000000Z",
            })
    void whatIsNoDateOrNoStoreHoldsIsNotRead(String text) {
        assertThat(millis(text)).isEqualTo(SourceDate.NOT_A_DATE);
    }

    @Test
    void itAgreesWithTheJdkOnEveryKindOfDay() {
        // Given
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            String text = "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ"
                    .formatted(
                            1 + random.nextInt(9999),
                            random.nextInt(14),
                            random.nextInt(33),
                            random.nextInt(25),
                            random.nextInt(61),
                            random.nextInt(61),
                            random.nextInt(1000));
            // Then
            assertThat(millis(text)).as(text).isEqualTo(millisByJdk(text));
        }
    }

    private static long millisByJdk(String text) {
        try {
            return Instant.parse(text).toEpochMilli();
        } catch (DateTimeParseException e) {
            return SourceDate.NOT_A_DATE;
        }
    }

    private static long millis(String text) {
        String around = "12" + text + "34"; // its place in the buffer does not matter
        return SourceDate.epochMillis(around.toCharArray(), 2, text.length());
    }
}
