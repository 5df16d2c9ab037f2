package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.schemas.BadConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StreamSettingsTest {
    private static final String SECRET = "p4ssw0rd";

    @TempDir
    private Path folder;

    @Test
    void onlyTheCheckpointsHaveNoDefault() {
        assertThat(StreamSettings.read(Map.of("STREAM_CHECKPOINT_DIR", "x")).window())
                .isEqualTo(Duration.ofMinutes(1));
        assertThatThrownBy(() -> StreamSettings.read(Map.of()))
                .isInstanceOf(BadConfig.class)
                .hasMessageContaining("STREAM_CHECKPOINT_DIR");
    }

    @ParameterizedTest
    @CsvSource({
        "STREAM_WINDOW,0s",
        "STREAM_TRIGGER,soon",
        "STREAM_REAL_TIME,1s",
        "STREAM_WINDOWS,1m",
        "STREAM_REGISTRY_URL,ftp://x"
    })
    void whatCanNotBeUsedIsRefusedByName(String key, String value) {
        Map<String, String> environment = new HashMap<>(Map.of("STREAM_CHECKPOINT_DIR", "x"));
        environment.put(key, value);
        assertThatThrownBy(() -> StreamSettings.read(environment))
                .isInstanceOf(BadConfig.class)
                .hasMessageContaining(key);
    }

    @ParameterizedTest
    @CsvSource({"local[2],0s,local[2]", "local[2],10s,local[6]", "'spark://a:7077,b:7077',10s,'spark://a:7077,b:7077'"})
    void inRealTimeModeEachPartitionHasACoreOfItsOwnWhereAllIsInOneProcess(
            String master, String realTime, String inForce) {
        StreamSettings settings = StreamSettings.read(
                Map.of("STREAM_CHECKPOINT_DIR", "x", "STREAM_MASTER", master, "STREAM_REAL_TIME", realTime));
        assertThat(settings.cores()).isEqualTo(inForce);
    }

    @ParameterizedTest
    @CsvSource({
        "STREAM_CASSANDRA,STREAM_CASSANDRA_CONTACT,'127.0.0.1:9042,cassandra.example:9042',STREAM_CASSANDRA_CA_FILE",
        "STREAM_REGISTRY,STREAM_REGISTRY_URL,http://registry.example:8081,STREAM_REGISTRY_URL"
    })
    void aLoginIsNotSentReadableToAnotherMachine(String prefix, String key, String elsewhere, String named)
            throws IOException {
        Map<String, String> environment = login(prefix);
        environment.put(key, elsewhere);
        assertThatThrownBy(() -> StreamSettings.read(environment))
                .isInstanceOf(BadConfig.class)
                .hasMessageStartingWith(named)
                .hasMessageNotContaining(SECRET);
    }

    @ParameterizedTest
    @ValueSource(strings = {"STREAM_CASSANDRA", "STREAM_REGISTRY"})
    void aPasswordStaysInItsFileWhenTheSettingsAreSentToWorkers(String prefix) throws IOException {
        // Given
        StreamSettings settings = StreamSettings.read(login(prefix));
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        // When
        new ObjectOutputStream(sent).writeObject(settings);
        // Then
        assertThat(sent.toString(StandardCharsets.ISO_8859_1))
                .contains(folder.resolve("password").toString())
                .doesNotContain(SECRET);
    }

    private Map<String, String> login(String prefix) throws IOException {
        Path password = Files.writeString(folder.resolve("password"), SECRET);
        Map<String, String> environment = new HashMap<>(Map.of("STREAM_CHECKPOINT_DIR", "x"));
        environment.put(prefix + "_USER", "stream");
        environment.put(prefix + "_PASSWORD_FILE", password.toString());
        return environment;
    }
}
