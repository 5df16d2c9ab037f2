package io.tributary.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.embedded.EmbeddedStack.Part;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class DataDirTest {
    private static final Duration BOUND = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    @Test
    void aFolderInUseNamesTheProcessThatHasIt() throws Exception {
        // Given
        try (DataDir taken = DataDir.take(folder)) {
            // When / Then
            assertThatThrownBy(() -> DataDir.take(folder))
                    .isInstanceOf(StackFailed.class)
                    .hasMessageContaining(taken.root() + " is in use by process "
                            + ProcessHandle.current().pid());
        }
        DataDir.take(folder).close();
    }

    @Test
    void onlyItsOwnerCanLookInside() throws Exception {
        // When
        DataDir.take(folder).close();
        // Then
        assertThat(Files.getPosixFilePermissions(folder)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void aLogThatIsTooLongMakesRoomAtTheStart() throws Exception {
        // Given
        try (DataDir dir = DataDir.take(folder)) {
            Path log = dir.log(Part.KAFKA);
            try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
                file.setLength(DataDir.LOG_BYTES + 1);
            }
            // When
            dir.runToEnd(Part.KAFKA, Map.of(), List.of("/bin/echo", "new"), BOUND);
            // Then
            assertThat(log).hasContent("new");
            assertThat(log.resolveSibling("kafka.log.1")).hasSize(DataDir.LOG_BYTES + 1);
        }
    }

    @Test
    void temporaryFilesOfTheLastStartAreGone() throws Exception {
        // Given
        try (DataDir dir = DataDir.take(folder)) {
            Files.createDirectories(dir.tmp(Part.KAFKA).resolve("a/b"));
            // When
            dir.runToEnd(Part.KAFKA, Map.of(), List.of("/bin/sh", "-c", "ls \"$TMPDIR\""), BOUND);
            // Then
            assertThat(dir.log(Part.KAFKA)).isEmptyFile();
        }
    }

    @Test
    void aCommandThatFailsOrHangsIsAnError() throws Exception {
        // Given
        try (DataDir dir = DataDir.take(folder)) {
            // When / Then
            assertThatThrownBy(() -> dir.runToEnd(Part.KAFKA, Map.of(), List.of("/bin/sh", "-c", "exit 5"), BOUND))
                    .hasMessage("/bin/sh ended with exit status 5");
            assertThatThrownBy(() ->
                            dir.runToEnd(Part.KAFKA, Map.of(), List.of("/bin/sleep", "1000"), Duration.ofMillis(10)))
                    .hasMessageContaining("/bin/sleep has not ended");
        }
    }

    @Test
    void aProcessLeftByAKilledLauncherIsWaitedFor() throws Exception {
        // Given
        Process left = new ProcessBuilder("sleep", "1000").start();
        try (DataDir dir = DataDir.take(folder)) {
            Path pidFile = folder.resolve("run/kafka.pid");
            Files.writeString(pidFile, left.pid() + "\n");
            int[] asked = {0};
            // When
            dir.awaitLeftovers(() -> {
                if (++asked[0] == 3) {
                    left.destroyForcibly();
                }
                return false;
            });
            // Then
            assertThat(left.isAlive()).isFalse();
        } finally {
            left.destroyForcibly().waitFor();
        }
    }

    @Test
    void aLaterProcessWithTheSameIdIsNobodysLeftover() throws Exception {
        // Given
        Process other = new ProcessBuilder("sleep", "1000").start();
        try (DataDir dir = DataDir.take(folder)) {
            Path pidFile = folder.resolve("run/kafka.pid");
            Files.writeString(pidFile, other.pid() + "\n");
            Files.setLastModifiedTime(pidFile, FileTime.from(Instant.now().minusSeconds(3_600)));
            // When
            dir.awaitLeftovers(() -> false);
            // Then
            assertThat(other.isAlive()).isTrue();
        } finally {
            other.destroyForcibly().waitFor();
        }
    }
}
