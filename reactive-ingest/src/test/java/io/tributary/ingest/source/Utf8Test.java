package io.tributary.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Utf8Test {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "80",
                "C080",
                "C1BF",
                "C3",
                "E08080",
                "E282",
                "EDA080",
                "EDBFBF",
                "F0808080",
                "F4908080",
                "F5808080",
                "F888808080",
                "FE",
                "FF"
            })
    void whatIsNotACharacterIsFoundAtItsByte(String hex) {
        // Given
        byte[] bytes = HexFormat.of().parseHex("61".repeat(9) + hex);
        // Then
        assertThat(Utf8.firstMalformed(bytes)).isEqualTo(9);
    }

    @Test
    void everyCharacterOfUnicodeIsValid() {
        // Given
        StringBuilder all = new StringBuilder();
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
                all.appendCodePoint(c);
            }
        }
        // Then
        assertThat(Utf8.firstMalformed(all.toString().getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(Utf8.VALID);
    }

    @Test
    void itAgreesWithTheJdksStrictDecoder() {
        // Given
        Random random = new Random(7);
        int malformed = 0;
        for (int i = 0; i < 50_000; i++) {
            byte[] bytes = new byte[random.nextInt(20)];
            for (int b = 0; b < bytes.length; b++) {
                bytes[b] = (byte) (random.nextInt(4) > 0 ? 0x80 + random.nextInt(0x78) : random.nextInt(0x80));
            }
            // When
            boolean isValid = Utf8.firstMalformed(bytes) == Utf8.VALID;
            // Then
            assertThat(isValid).as(HexFormat.of().formatHex(bytes)).isEqualTo(isValidByJdk(bytes));
            malformed += isValid ? 0 : 1;
        }
        assertThat(malformed).isBetween(1_000, 49_000);
    }

    private static boolean isValidByJdk(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
