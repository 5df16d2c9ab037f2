package io.tributary.randomuser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.schemas.BadConfig;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RandomUserMainTest {
    @Test
    void withoutSettingsItIsTheSourceAsItIs() {
        // When
        RandomUserOptions options = RandomUserMain.options(Map.of("PATH", "/bin"));
        // Then
        assertThat(options.host()).isEqualTo("127.0.0.1");
        assertThat(options.quota()).isEqualTo(20_000);
        assertThat(options.quotaWindow()).isEqualTo(Duration.ofMinutes(5));
        assertThat(options.today()).isEmpty();
        assertThat(options.preparedBytes()).isZero();
    }

    @Test
    void everySettingIsRead() {
        // When
        RandomUserOptions options = RandomUserMain.options(Map.of(
                "RANDOMUSER_HOST", "localhost",
                "RANDOMUSER_PORT", "8099",
                "RANDOMUSER_QUOTA", "0",
                "RANDOMUSER_QUOTA_WINDOW", "PT10S",
                "RANDOMUSER_TODAY", "2026-01-31",
                "RANDOMUSER_PREPARED_MIB", "2"));
        // Then
        assertThat(options.host()).isEqualTo("localhost");
        assertThat(options.port()).isEqualTo(8099);
        assertThat(options.quota()).isZero();
        assertThat(options.quotaWindow()).isEqualTo(Duration.ofSeconds(10));
        assertThat(options.today()).contains(LocalDate.of(2026, 1, 31));
        assertThat(options.preparedBytes()).isEqualTo(2 << 20);
    }

    @ParameterizedTest
    @CsvSource({
        "RANDOMUSER_PORT,70000",
        "RANDOMUSER_QUOTA,-1",
        "RANDOMUSER_QUOTA_WINDOW,never",
        "RANDOMUSER_QUOTA_WINDOW,0s",
        "RANDOMUSER_TODAY,2026-02-30",
        "RANDOMUSER_PREPARED_MIB,many",
        "RANDOMUSER_QOUTA,1"
    })
    void aSettingThatCanNotBeUsedIsNamed(String key, String value) {
        // Then
        assertThatThrownBy(() -> RandomUserMain.options(Map.of(key, value)))
                .isInstanceOf(BadConfig.class)
                .hasMessageContaining(key);
    }
}
