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
    void cassandrasLoginIsNotSentReadableToAnotherMachine() {
        environment.put("INGEST_CASSANDRA_CONTACT", "cassandra.example:9042");
        login("INGEST_CASSANDRA");
        assertThatThrownBy(this::read)
                .isInstanceOf(BadConfig.class)
                .hasMessageStartingWith("INGEST_CASSANDRA_CA_FILE")
                .hasMessageNotContaining(SECRET);
    }

    @Test
    void noSecretIsShown() {
        // Given
        registryLogin("https://registry.example:8081");
        login("INGEST_KAFKA");
        environment.put("INGEST_KAFKA_SECURITY", "SASL_SSL");
        login("INGEST_CASSANDRA");
        // When
        IngestConfig config = read();
        // Then
        assertThat(config.toString()).doesNotContain(SECRET);
        assertThat(config.shown())
                .containsEntry("INGEST_REGISTRY_PASSWORD_FILE", "***")
                .containsEntry("INGEST_KAFKA_PASSWORD_FILE", "***")
                .containsEntry("INGEST_KAFKA_SECURITY", "SASL_SSL")
                .containsEntry("INGEST_CASSANDRA_PASSWORD_FILE", "***")
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
        login("INGEST_REGISTRY");
    }

    private void login(String prefix) {
        environment.put(prefix + "_USER", "ingest");
        environment.put(prefix + "_PASSWORD_FILE", dir.resolve("password").toString());
    }

    private IngestConfig read() {
        return IngestConfig.read(environment, HEAP);
    }
}
