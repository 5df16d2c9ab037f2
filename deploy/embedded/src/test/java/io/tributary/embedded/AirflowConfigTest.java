package io.tributary.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.embedded.EmbeddedStack.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AirflowConfigTest {
    @TempDir
    private Path folder;

    @Test
    void onlyTheOwnerReadsWhatIsWritten() throws Exception {
        // When
        write(Map.of());
        // Then
        try (Stream<Path> files = Files.list(folder.resolve("airflow"))) {
            List<Path> written = files.toList();
            assertThat(written).hasSize(5);
            for (Path file : written) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as(file.toString())
                        .isEqualTo("rw-------");
            }
        }
    }

    @Test
    void passwordAndKeysStayFromStartToStart() throws Exception {
        // Given
        write(Map.of());
        String password = AirflowConfig.password(folder);
        List<String> before = config();
        // When
        write(Map.of());
        // Then
        assertThat(AirflowConfig.password(folder)).isEqualTo(password).hasSize(20);
        assertThat(config()).isEqualTo(before);
    }

    @Test
    void nothingListensElsewhereAndNoExampleIsLoaded() throws Exception {
        // When
        write(Map.of());
        // Then
        assertThat(config())
                .contains("host = 127.0.0.1", "statsd_host = 127.0.0.1", "load_examples = False")
                .noneMatch(line -> line.contains("0.0.0.0"));
    }

    @Test
    void whatIsAddedWinsInItsSection() throws Exception {
        // When
        write(Map.of("core.parallelism", "1", "scheduler.of_no_kind", "50%"));
        // Then
        assertThat(config())
                .contains("parallelism = 1", "[scheduler]", "of_no_kind = 50%%")
                .doesNotContain("parallelism = 4")
                .doesNotHaveDuplicates();
    }

    private List<String> config() throws IOException {
        return Files.readAllLines(folder.resolve("airflow/airflow.cfg")).stream()
                .filter(line -> !line.isEmpty())
                .toList();
    }

    private void write(Map<String, String> added) throws IOException {
        try (DataDir dir = DataDir.take(folder)) {
            Files.createDirectories(dir.of(Part.POSTGRES));
            Ports ports = Ports.choose(dir.ports(), Map.of(), Set.of(), dir, RandomGenerator.getDefault());
            AirflowConfig.write(dir, Path.of("/project"), ports, added);
        }
    }
}
