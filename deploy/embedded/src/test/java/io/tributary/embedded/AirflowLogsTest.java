package io.tributary.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AirflowLogsTest {
    @TempDir
    private Path logs;

    @Test
    void theOldestFilesGoUntilTheRestIsSmallEnough() throws Exception {
        // Given
        Path newest = file("dag_id=a/run_id=3/task_id=t/attempt=1.log", 400, "2026-01-03T00:00:00Z");
        Path oldest = file("dag_id=b/run_id=1/task_id=t/attempt=1.log", 400, "2026-01-01T00:00:00Z");
        Path middle = file("dag_id=a/run_id=2/task_id=t/attempt=1.log", 400, "2026-01-02T00:00:00Z");
        // When
        AirflowLogs.trim(logs, 800);
        // Then
        assertThat(oldest).doesNotExist();
        assertThat(middle).exists();
        assertThat(newest).exists();
    }

    @Test
    void whatIsSmallEnoughStays() throws Exception {
        // Given
        Path only = file("dag_id=a/run_id=1/task_id=t/attempt=1.log", 400, "2026-01-01T00:00:00Z");
        // When
        AirflowLogs.trim(logs, 400);
        // Then
        assertThat(only).exists();
    }

    private Path file(String name, int bytes, String changed) throws IOException {
        Path file = logs.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, new byte[bytes]);
        return Files.setLastModifiedTime(file, FileTime.from(Instant.parse(changed)));
    }
}
