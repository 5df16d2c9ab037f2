package io.tributary.ingest.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.schemas.BadConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrepareConfigTest {
    @TempDir
    Path dir;

    @Test
    void topicsLoseRecordsByTimeAlone() {
        // When
        List<NewTopic> topics = PrepareConfig.read(Map.of("PREPARE_TOPIC_RETENTION", "14d"))
                .topics()
                .wanted();
        // Then
        assertThat(topics).extracting(NewTopic::name).containsExactly("randomuser.users", "randomuser.users.dlq");
        assertThat(topics.get(0).configs())
                .containsEntry("retention.ms", "1209600000")
                .containsEntry("retention.bytes", "-1")
                .containsEntry("cleanup.policy", "delete");
    }

    @Test
    void moreCopiesInSyncThanThereAreWouldStopEveryProducer() {
        // When / Then
        assertThatThrownBy(() -> PrepareConfig.read(Map.of("PREPARE_TOPIC_MIN_INSYNC", "2")))
                .isInstanceOf(BadConfig.class)
                .hasMessageContaining("PREPARE_TOPIC_MIN_INSYNC");
    }

    @Test
    void ingestMayReadAndTheStreamMayWrite() throws IOException {
        // Given
        String password = secret("o'brien");
        PrepareConfig config = PrepareConfig.read(Map.of(
                "PREPARE_CASSANDRA_USER", "admin",
                "PREPARE_CASSANDRA_PASSWORD_FILE", password,
                "PREPARE_CASSANDRA_INGEST_PASSWORD_FILE", password,
                "PREPARE_CASSANDRA_STREAM_PASSWORD_FILE", password));
        // When
        List<String> statements = new Keyspace(config).roles();
        // Then
        assertThat(statements)
                .filteredOn(statement -> statement.startsWith("GRANT"))
                .containsExactly(
                        "GRANT SELECT ON KEYSPACE tributary TO \"ingest\"",
                        "GRANT SELECT ON KEYSPACE tributary TO \"stream\"",
                        "GRANT MODIFY ON KEYSPACE tributary TO \"stream\"");
        assertThat(statements)
                .filteredOn(statement -> statement.contains("PASSWORD")) // once each: Cassandra refuses another for 5 s
                .containsExactly(
                        "ALTER ROLE \"ingest\" WITH PASSWORD = 'o''brien'",
                        "ALTER ROLE \"stream\" WITH PASSWORD = 'o''brien'");
    }

    @Test
    void rolesNeedASuperuserToMakeThem() throws IOException {
        // Given
        Map<String, String> environment = Map.of("PREPARE_CASSANDRA_STREAM_PASSWORD_FILE", secret("s3cret"));
        // When / Then
        assertThatThrownBy(() -> PrepareConfig.read(environment))
                .isInstanceOf(BadConfig.class)
                .hasMessageContaining("PREPARE_CASSANDRA_USER");
    }

    private String secret(String value) throws IOException {
        return Files.writeString(Files.createTempFile(dir, "secret", ""), value).toString();
    }
}
