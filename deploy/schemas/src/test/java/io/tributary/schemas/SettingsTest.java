package io.tributary.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
    @TempDir
    Path dir;

    @Test
    void theEnvironmentWinsOverTheFile() throws IOException {
        // Given
        Path file = Files.writeString(dir.resolve("app.properties"), "APP_PORT=1\nAPP_NAME=from file\n");
        // When
        Settings settings = Settings.read("APP_", Map.of("APP_CONFIG_FILE", file.toString(), "APP_PORT", "2"));
        // Then
        assertThat(settings.port("APP_PORT", 0)).isEqualTo(2);
        assertThat(settings.text("APP_NAME", "")).isEqualTo("from file");
    }

    @Test
    void aTypoIsRefusedByName() {
        Settings settings = Settings.read("APP_", Map.of("APP_PROT", "2", "OTHER", "x"));
        settings.port("APP_PORT", 0);
        assertThatThrownBy(settings::refuseUnknown)
                .isInstanceOf(BadConfig.class)
                .hasMessage("unknown: APP_PROT; known: APP_PORT");
    }

    @Test
    void aNumberOutsideItsRangeIsRefusedWithTheRange() {
        Settings settings = Settings.read("APP_", Map.of("APP_PAGES", "0"));
        assertThatThrownBy(() -> settings.whole("APP_PAGES", 4, 1, 64, "pages"))
                .hasMessage("APP_PAGES can not be used, expected 1..64 pages");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://host/",
                "http://",
                "https://me:secret@host/",
                "https://me:secret@ho_st/",
                "ftp://host/?secret",
                "http://a b/",
                "host",
                "http://host:70000/"
            })
    void anAddressThatCanNotBeUsedIsRefusedWithoutItsPassword(String address) {
        Settings settings = Settings.read("APP_", Map.of("APP_URL", address));
        assertThatThrownBy(() -> settings.httpAddress("APP_URL", "http://ok/"))
                .isInstanceOf(BadConfig.class)
                .hasMessageStartingWith("APP_URL")
                .hasMessageNotContaining("secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"secret", "host:", ":1", "host:0", "host:70000", "host:1,", "me:secret@host:1", "http://host:1"})
    void aHostAndPortThatCanNotBeUsedIsRefusedWithoutShowingIt(String contact) {
        Settings settings = Settings.read("APP_", Map.of("APP_CONTACT", contact));
        assertThatThrownBy(() -> settings.hostPorts("APP_CONTACT", "ok:1"))
                .isInstanceOf(BadConfig.class)
                .hasMessage("APP_CONTACT can not be used, expected host:port, the port of 1..65535");
    }

    @ParameterizedTest
    @ValueSource(strings = {"host:9092", "one:9092,two:9093", "one:1, [::1]:2"})
    void hostsAndPortsAreReadAsTheyAre(String contact) {
        Settings settings = Settings.read("APP_", Map.of("APP_CONTACT", contact));
        assertThat(settings.hostPorts("APP_CONTACT", "ok:1")).isEqualTo(contact);
    }

    @Test
    void aSecretInThePlaceOfItsFileIsNotShown() {
        Settings settings = Settings.read("APP_", Map.of("APP_PASSWORD_FILE", "hunter2"));
        assertThatThrownBy(() -> settings.secret("APP_PASSWORD_FILE"))
                .isInstanceOf(BadConfig.class)
                .hasMessageStartingWith("APP_PASSWORD_FILE")
                .hasMessageNotContaining("hunter2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "two\nlines\n"})
    void aSecretThatIsNotOneLineIsRefusedWithoutShowingIt(String content) throws IOException {
        Path file = Files.writeString(dir.resolve("secret"), content);
        Settings settings = Settings.read("APP_", Map.of("APP_PASSWORD_FILE", file.toString()));
        assertThatThrownBy(() -> settings.secret("APP_PASSWORD_FILE"))
                .isInstanceOf(BadConfig.class)
                .hasMessageStartingWith("APP_PASSWORD_FILE")
                .hasMessageNotContaining("lines\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"30s", "PT30S", "30000ms"})
    void durationsAreReadInBothForms(String text) {
        Settings settings = Settings.read("APP_", Map.of("APP_LEASE", text));
        assertThat(settings.duration("APP_LEASE", Duration.ZERO, Duration.ofSeconds(1), Duration.ofMinutes(1)))
                .isEqualTo(Duration.ofSeconds(30));
    }
}
