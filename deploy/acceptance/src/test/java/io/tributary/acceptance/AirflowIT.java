package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.acceptance.SharedStack.Whole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The checks of {@code airflow/}, its operators and triggers against this stack. They need Python 3.10 to 3.13 and say so. */
@Whole
class AirflowIT {
    private static final long DONE_WITHIN_MINUTES = 15; // the first time, everything of requirements.lock is fetched

    @TempDir
    Path dir;

    @Test
    void providerAndDagsPassTheirOwnChecks(WholeStack stack) throws IOException, InterruptedException {
        Path output = dir.resolve("output");
        ProcessBuilder check = new ProcessBuilder(
                        WholeStack.HOME.resolve("airflow/check.sh").toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        check.environment()
                .put(
                        "TRIBUTARY_URL",
                        stack.addresses().ingestUrl().orElseThrow().toString());
        check.environment()
                .put(
                        "TRIBUTARY_SOURCE",
                        stack.addresses().sourceUrl().orElseThrow().toString());
        Process process = check.start();
        try {
            assertThat(process.waitFor(DONE_WITHIN_MINUTES, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.destroy();
        }
        List<String> said = Files.readAllLines(output);
        assertThat(process.exitValue()).as(String.join("\n", said)).isZero();
        System.out.println("airflow/check.sh: " + said.get(said.size() - 1));
    }
}
