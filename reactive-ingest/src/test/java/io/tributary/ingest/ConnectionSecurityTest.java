package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.schemas.BadConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectionSecurityTest {
    private static final String SECRET = "p4ssw0rd";
    private static final long HEAP = 4L << 30;

    @TempDir
    Path dir;

    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void aPassword() throws IOException {
        Path file = Files.writeString(dir.resolve("password"), SECRET + "\n");
        environment.put("INGEST_POSTGRES_PASSWORD_FILE", file.toString());
    }

    @Test
    void halfALoginIsRefusedByItsKeys() {
        environment.put("INGEST_REGISTRY_USER", "ingest");
        assertThatThrownBy(this::read)
                .isInstanceOf(BadConfig.class)
                .hasMessageContaining("INGEST_REGISTRY_USER")
                .hasMessageContaining("INGEST_REGISTRY_PASSWORD_FILE");
    }

    @Test
    void aLoginIsNotSentReadableToAnotherMachine() {
        registryLogin("http://registry.example:8081");
        assertThatThrownBy(this::read)
                .isInstanceOf(BadConfig.class)
                .hasMessageStartingWith("INGEST_REGISTRY_URL")
                .hasMessageNotContaining(SECRET);
    }

    @Test
    void noSecretIsShown() {
        // Given
        registryLogin("https://registry.example:8081");
        // When
        IngestConfig config = read();
        // Then
        assertThat(config.toString()).doesNotContain(SECRET);
        assertThat(config.shown())
                .containsEntry("INGEST_REGISTRY_PASSWORD_FILE", "***")
                .containsEntry("INGEST_POSTGRES_PASSWORD_FILE", "***")
                .containsEntry("INGEST_REGISTRY_USER", "ingest");
    }

    @Test
    void aFileWithoutACertificateIsRefusedByItsKey() {
        environment.put("INGEST_POSTGRES_CA_FILE", dir.resolve("password").toString());
        assertThatThrownBy(this::read)
                .isInstanceOf(BadConfig.class)
                .hasMessageStartingWith("INGEST_POSTGRES_CA_FILE")
                .hasMessageNotContaining(SECRET);
    }

    private void registryLogin(String url) {
        environment.put("INGEST_REGISTRY_URL", url);
        environment.put("INGEST_REGISTRY_USER", "ingest");
        environment.put("INGEST_REGISTRY_PASSWORD_FILE", dir.resolve("password").toString());
    }

    private IngestConfig read() {
        return IngestConfig.read(environment, HEAP);
    }
}
