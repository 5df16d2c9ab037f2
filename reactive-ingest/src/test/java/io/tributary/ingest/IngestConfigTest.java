package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.schemas.BadConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings that can not be used: refused by their key, without a word of what was given. */
class IngestConfigTest {
    private static final long HEAP = 512L << 20;

    @TempDir
    Path dir;

    private Path password;

    @BeforeEach
    void passwordFile() throws IOException {
        password = Files.writeString(dir.resolve("password"), "open sesame\n");
    }

    @Test
    void thePasswordFileIsAllThatHasToBeSet() {
        assertThat(read("INGEST_INSTANCE", "two").instance()).isEqualTo("two");
    }

    @Tag("bad-input-32")
    @DisplayName("32 · a port of 70000, an unknown key: refused by the key, the value is not shown")
    @ParameterizedTest
    @CsvSource({
        "INGEST_HTTP_PORT, 70000",
        "INGEST_HTTP_PORT, hunter2",
        "INGEST_POSTGRES_PORT, 70000",
        "INGEST_KAFKA_BOOTSTRAP, 127.0.0.1:70000",
        "INGEST_CASSANDRA_CONTACT, 127.0.0.1:70000",
        "INGEST_REGISTRY_URL, http://127.0.0.1:70000",
        "INGEST_HTTP_PROT, 8080",
        "INGEST_PASSWORD, hunter2",
        "INGEST_CONFIG_FILE, hunter2",
        "INGEST_TOKENS_FILE, hunter2",
        "INGEST_POSTGRES_PASSWORD_FILE, hunter2"
    })
    void aValueThatCanNotBeIsRefusedByItsKey(String key, String value) {
        assertThat(refused(key, value)).doesNotContain(value);
    }

    @Tag("bad-input-32")
    @DisplayName(
            "32 · a secret's file that is empty or has a newline inside: refused by the key, the secret is not shown")
    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "hunter2\nhunter3", "hunter2\rhunter3", "hunter2\n\n"})
    void aSecretOfNoneOrTwoLinesIsRefused(String secret) throws IOException {
        Path file = Files.writeString(dir.resolve("secret"), secret);
        String message = refused("INGEST_POSTGRES_PASSWORD_FILE", file.toString());
        assertThat(message).doesNotContain("hunter");
    }

    @Tag("bad-input-33")
    @DisplayName("33 · a source that is no http address, or has a password in it: refused, nothing of it is shown")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://randomuser.me/api/",
                "https://me:hunter2@randomuser.me/api/",
                "https://me:hunter2@random_user.me/api/",
                "https://hunter2@randomuser.me/api/",
                "https://me:hunter 2@randomuser.me/api/",
                "https://randomuser.me/api/?key=hunter2",
                "https://",
                "https:///api/",
                "://",
                "randomuser.me"
            })
    void aSourceThatCanNotBeAskedIsRefused(String address) {
        String message = refused("INGEST_SOURCE_URL", address);
        assertThat(message).doesNotContain("hunter");
    }

    @Tag("bad-input-34")
    @DisplayName("34 · sizes and times of nothing: refused with what is expected")
    @ParameterizedTest
    @CsvSource({
        "INGEST_PAGES_IN_FLIGHT, 0, 1..64 pages",
        "INGEST_PAGES_IN_FLIGHT, 65, 1..64 pages",
        "INGEST_LEASE, 0s, PT1S to PT10M",
        "INGEST_SOURCE_TIMEOUT, 0ms, PT0.1S to PT5M",
        "INGEST_MAX_BODY_BYTES, 0, 65536..67108864 bytes",
        "INGEST_PRODUCER_BYTES, 0, 1048576..268435456 bytes"
    })
    void aBoundOfNothingIsRefused(String key, String value, String expected) {
        assertThatThrownBy(() -> read(key, value))
                .isInstanceOf(BadConfig.class)
                .hasMessage(key + " can not be used, expected " + expected);
    }

    @Tag("bad-input-34")
    @DisplayName("34 · more pages in flight than the heap holds: refused with the formula")
    @Test
    void morePagesThanTheHeapHoldsAreRefused() {
        assertThatThrownBy(() -> read("INGEST_PAGES_IN_FLIGHT", "64"))
                .isInstanceOf(BadConfig.class)
                .hasMessage(
                        "INGEST_PAGES_IN_FLIGHT=64 does not fit the heap: (pagesInFlight + 2) * (2 * 8388608 + 5000 *"
                                + " 2400) + 16777216 + 2097152 = 1918170624 bytes, expected at most 75 % of 536870912");
    }

    @Tag("bad-input-32")
    @Tag("bad-input-33")
    @Tag("bad-input-34")
    @DisplayName("32, 33, 34 · the service ends with status 2, names the key and shows no value")
    @ParameterizedTest
    @CsvSource({
        "INGEST_HTTP_PORT, 70000",
        "INGEST_KAFKA_BOOTSTRAP, 127.0.0.1:70000",
        "INGEST_CASSANDRA_CONTACT, 127.0.0.1:70000",
        "INGEST_SOURCE_URL, https://me:hunter2@randomuser.me/api/",
        "INGEST_SOURCE_URL, https://randomuser.me/api/?key=hunter2",
        "INGEST_LEASE, 0h"
    })
    void theServiceEndsWithStatusTwo(String key, String value) throws Exception {
        // Given
        ProcessBuilder service = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        IngestMain.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("out").toFile());
        service.environment().put("INGEST_POSTGRES_PASSWORD_FILE", password.toString());
        service.environment().put("INGEST_HTTP_PORT", "0");
        service.environment().put(key, value);
        // When
        Process started = service.start();
        try {
            assertThat(started.waitFor(1, TimeUnit.MINUTES)).isTrue();
        } finally {
            started.destroyForcibly();
        }
        // Then
        String said = Files.readString(dir.resolve("out"));
        assertThat(said).startsWith("BadConfig: " + key).doesNotContain(value).doesNotContain("hunter2");
        assertThat(said.lines()).hasSize(1);
        assertThat(started.exitValue()).isEqualTo(2);
    }

    /** The message. */
    private String refused(String key, String value) {
        try {
            read(key, value);
        } catch (BadConfig e) {
            assertThat(e.getMessage()).contains(key);
            return e.getMessage();
        }
        throw new AssertionError(key + "=" + value + " was taken");
    }

    private IngestConfig read(String key, String value) {
        Map<String, String> environment = new HashMap<>();
        environment.put("INGEST_POSTGRES_PASSWORD_FILE", password.toString());
        environment.put(key, value);
        return IngestConfig.read(environment, HEAP);
    }
}
