package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./etl up --airflow}: the password is told once, and a launcher that is killed takes Airflow and its tasks with it. */
@EnabledIfSystemProperty(named = "chaos.long", matches = "true")
class AirflowInterruptedIT {
    @TempDir
    Path dir;

    @Test
    void noProcessOfAirflowStaysAndThePasswordIsToldOnce() throws Exception {
        // When
        List<String> first = upAndKilled();
        LeftOver.assertNone(dir);
        List<String> second = upAndKilled();
        LeftOver.assertNone(dir);
        // Then
        assertThat(first).filteredOn(line -> line.contains("has the password")).hasSize(1);
        assertThat(second).noneMatch(line -> line.contains("password"));
    }

    /** Kills the launcher as soon as everything is up and tasks are running; gives what it said. */
    private List<String> upAndKilled() throws IOException, InterruptedException {
        Process launcher = Cli.builder(dir, "up", "--airflow", "--unpause", "--users", "2000")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> said = new ArrayList<>();
        try (BufferedReader log = launcher.errorReader()) {
            String line;
            while ((line = log.readLine()) != null
                    && !line.toLowerCase(Locale.ROOT).contains("captured")) {
                said.add(line);
            }
            assertThat(line).as(String.join("\n", said)).isNotNull();
            launcher.destroyForcibly().waitFor();
        }
        return said;
    }
}
