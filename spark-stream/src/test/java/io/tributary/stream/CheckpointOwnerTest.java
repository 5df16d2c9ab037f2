package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("bad-input-35")
class CheckpointOwnerTest {
    private static final CheckpointOwner OURS = new CheckpointOwner("cluster", "users", "id-1", 60_000);

    @TempDir
    private Path folder;

    @Test
    @DisplayName("35 · a folder of nobody, lost or new, becomes ours and stays so")
    void aNewFolderBecomesOurs() throws Exception {
        claim(OURS);
        assertThat(folder.resolve("tributary.properties")).content().contains("topic_id=id-1", "window_ms=60000");
        assertThatCode(() -> claim(OURS)).doesNotThrowAnyException();
    }

    static Stream<CheckpointOwner> others() {
        return Stream.of(
                new CheckpointOwner("other", "users", "id-1", 60_000),
                new CheckpointOwner("cluster", "other", "id-1", 60_000),
                new CheckpointOwner("cluster", "users", "other", 60_000),
                new CheckpointOwner("cluster", "users", "id-1", 300_000));
    }

    @ParameterizedTest
    @MethodSource("others")
    @DisplayName("35 · a checkpoint of another cluster, topic, life of the topic or window is refused, with both")
    void anotherStreamIsRefused(CheckpointOwner other) throws Exception {
        claim(OURS);
        assertThatThrownBy(() -> claim(other))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining("is of another query")
                .hasMessageContaining("instead of")
                .hasMessageContaining("STREAM_CHECKPOINT_DIR");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"other\":{\"0\":3}}", "42", "{\"startTime\":0}"})
    @DisplayName("35 · a checkpoint that does not say whose it is and reads something else is refused untouched")
    void anUnknownQueryIsRefused(String source) throws IOException {
        checkpoint("counter", source);
        assertThatThrownBy(() -> claim(OURS))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining("of another query than counter on topic users");
        assertThat(folder.resolve("tributary.properties")).doesNotExist();
    }

    @Test
    @DisplayName("35 · the counter's checkpoint in the place of the other query's is refused")
    void statesInTheWrongPlaceAreRefused() throws IOException {
        checkpoint("users", "{\"users\":{\"0\":3}}");
        Files.createDirectories(folder.resolve("users/state"));
        assertThatThrownBy(() -> claim(OURS)).isInstanceOf(StartRefused.class).hasMessageContaining("than users");
    }

    @Test
    @DisplayName("35 · one of ours from before folders said whose they are is taken over")
    void anOlderOneIsTakenOver() throws Exception {
        checkpoint("counter", "{\"users\":{\"0\":3}}");
        Files.createDirectories(folder.resolve("counter/state"));
        claim(OURS);
        assertThat(folder.resolve("tributary.properties")).exists();
    }

    private void claim(CheckpointOwner owner) throws IOException, StartRefused {
        owner.claim(folder.toString(), new Checkpoints(folder.toString()));
    }

    private void checkpoint(String query, String source) throws IOException {
        Path offsets = Files.createDirectories(folder.resolve(query).resolve("offsets"));
        Files.writeString(offsets.resolve("7"), "v1\n{\"batchWatermarkMs\":0}\n" + source);
    }
}
