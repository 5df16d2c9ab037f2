package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.schemas.BadConfig;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamSettingsTest {
    @Test
    void onlyTheCheckpointsHaveNoDefault() {
        assertThat(StreamSettings.read(Map.of("STREAM_CHECKPOINT_DIR", "x")).window())
                .isEqualTo(Duration.ofMinutes(1));
        assertThatThrownBy(() -> StreamSettings.read(Map.of()))
                .isInstanceOf(BadConfig.class)
                .hasMessageContaining("STREAM_CHECKPOINT_DIR");
    }

    @ParameterizedTest
    @CsvSource({"STREAM_WINDOW,0s", "STREAM_TRIGGER,soon", "STREAM_WINDOWS,1m", "STREAM_REGISTRY_URL,ftp://x"})
    void whatCanNotBeUsedIsRefusedByName(String key, String value) {
        Map<String, String> environment = new HashMap<>(Map.of("STREAM_CHECKPOINT_DIR", "x"));
        environment.put(key, value);
        assertThatThrownBy(() -> StreamSettings.read(environment))
                .isInstanceOf(BadConfig.class)
                .hasMessageContaining(key);
    }
}
