package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The checks of {@code deploy/} that are other programs' work. They need Python and Node.js, and say so. */
@BesideTheShared
class DeployChecksIT {
    private static final long DONE_WITHIN_MINUTES = 10; // the first time, the tools are fetched

    @TempDir
    Path dir;

    @Test
    void composeDockerfilesAndScriptsPassTheirLinters() throws IOException, InterruptedException {
        Path output = dir.resolve("output");
        Process check = new ProcessBuilder(
                        ComposeFile.DEPLOY.resolve("check.sh").toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(check.waitFor(DONE_WITHIN_MINUTES, TimeUnit.MINUTES)).isTrue();
        } finally {
            check.destroy();
        }
        List<String> said = Files.readAllLines(output);
        assertThat(check.exitValue()).as(String.join("\n", said)).isZero();
        System.out.println(said.get(said.size() - 1));
    }
}
