package io.tributary.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecimalTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "-0.0",
                "7",
                "-18.5642",
                "104.4990",
                "0.1",
                "999999999999999",
                "9999999999999999",
                "0.12345678901234567",
                "1e5",
                "1E-5",
                "1.5e+300",
                "1e400",
                "-1e400",
                "4.9e-324",
                "00.5"
            })
    void itIsTheDoubleThatTheJdkReads(String text) {
        assertThat(parse(text)).isEqualTo(Double.parseDouble(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                ".",
                "1.",
                ".5",
                "+1",
                "--1",
                "1e",
                "1e+",
                "1.e5",
                "NaN",
                "Infinity",
                "0x1p3",
                "1d",
                "1f",
                " 1",
                "1 ",
                "1,5",
                "١٢",
                "1.2.3",
                "e5"
            })
    void whatIsNotADecimalNumberIsNotRead(String text) {
        assertThat(parse(text)).isNaN();
    }

    @Test
    void itAgreesWithTheJdkOnTheLastBit() {
        // Given
        Random random = new Random(7);
        for (int i = 0; i < 50_000; i++) {
            String text = Long.toString(random.nextLong() >> random.nextInt(64)) + "."
                    + (random.nextLong() >>> 1 + random.nextInt(62));
            // Then
            assertThat(parse(text)).as(text).isEqualTo(Double.parseDouble(text));
        }
    }

    private static double parse(String text) {
        String around = "12" + text + "34"; // its place in the buffer does not matter
        return Decimal.parse(around.toCharArray(), 2, text.length());
    }
}
