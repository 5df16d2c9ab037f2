package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupOffsetsTest {
    private static final TopicPartition ZERO = new TopicPartition("users", 0);
    private static final TopicPartition ONE = new TopicPartition("users", 1);

    @Test
    void theGroupIsWhereTheSlowestQueryIs() {
        assertThat(GroupOffsets.lowest(Map.of("a", Map.of(ZERO, 5L, ONE, 9L), "b", Map.of(ZERO, 7L))))
                .isEqualTo(Map.of(ZERO, 5L));
    }

    @Test
    void aCheckpointSaysWhatItsQueryHasFinished(@TempDir Path folder) throws Exception {
        // Given
        Path query = folder.resolve("counter");
        Files.createDirectories(query.resolve("commits"));
        Files.createDirectories(query.resolve("offsets"));
        for (int batch : List.of(9, 10)) {
            Files.writeString(query.resolve("commits/" + batch), "v1\n{}");
        }
        for (int batch : List.of(9, 10, 11)) {
            Files.writeString(
                    query.resolve("offsets/" + batch),
                    "v1\n{\"batchWatermarkMs\":0}\n{\"users\":{\"1\":" + batch + "}}");
        }
        // When
        Map<String, Map<TopicPartition, Long>> reached =
                new Checkpoints(folder.toString()).reached(List.of("counter", "never"));
        // Then
        assertThat(reached).isEqualTo(Map.of("counter", Map.of(ONE, 10L)));
    }
}
