package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ctrl-C, SIGTERM or kill -9 of the launcher, at any moment: no process stays. */
@BesideTheShared
@Timeout(300)
class InterruptedIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path dir;

    /** @param moment a word of the launcher's own log: it is interrupted right after the line that has it */
    @ParameterizedTest
    @CsvSource({"INT, starting", "INT, postgres", "TERM, cassandra", "INT, captured", "KILL, kafka", "KILL, captured"})
    void noProcessStays(String signal, String moment) throws Exception {
        // Given
        Process launcher = Cli.builder(dir, "up", "--users", "50000")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader log = launcher.errorReader()) {
            awaitLine(log, moment);
            // When
            new ProcessBuilder("kill", "-" + signal, Long.toString(launcher.pid()))
                    .start()
                    .waitFor();
            log.transferTo(java.io.Writer.nullWriter());
        }
        // Then
        assertThat(launcher.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        LeftOver.assertNone(dir);
    }

    private static void awaitLine(BufferedReader log, String word) throws IOException {
        StringBuilder read = new StringBuilder();
        String line;
        while ((line = log.readLine()) != null) {
            read.append(line).append('\n');
            if (line.toLowerCase(java.util.Locale.ROOT).contains(word)) {
                return;
            }
        }
        throw new AssertionError("the launcher ended without a word of " + word + ":\n" + read);
    }
}
