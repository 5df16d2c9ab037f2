package io.tributary.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
@Timeout(60)
final class LeashTest {
    /**
     * Says when it is ready to be told to stop, and with which signal it was. It starts nothing after that, because dash 0.5.12
     * loses a signal that comes while it is in vfork.
     */
    private static final String TELLS_ITS_END =
            "trap 'echo got INT; exit 7' INT; trap 'echo got TERM; exit 8' TERM; sleep 1000 & echo ready; wait";

    /** A shell can not trap what was ignored when it began, and a gate that runs in the background has INT ignored. */
    private static final String DEFAULT_INT = "$SIG{INT} = 'DEFAULT'; exec { $ARGV[0] } @ARGV";

    @TempDir
    private Path folder;

    private Path log;

    @BeforeEach
    void script() throws IOException {
        log = folder.resolve("log");
        Leash.writeScript(folder.resolve("leash.sh"));
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        Processes.assertNone(folder);
    }

    @Test
    void idExitStatusAndOutputAreThoseOfTheCommand() throws Exception {
        // When
        try (Leash leash = start(Leash.Stop.TERM, "echo $$; echo told >&2; exit 42")) {
            // Then
            assertThat(leash.waitFor()).isEqualTo(42);
            assertThat(Files.readAllLines(log)).containsExactly(String.valueOf(leash.pid()), "told");
        }
    }

    @Test
    void aCommandThatDoesNotExistEndsWith127AndSaysSoInTheLog() throws Exception {
        // When
        try (Leash leash = Leash.start(
                folder.resolve("leash.sh"),
                folder.resolve("pid"),
                log,
                Leash.Stop.TERM,
                folder,
                Map.of(),
                List.of("/no/such/command"))) {
            // Then
            assertThat(leash.waitFor()).isEqualTo(127);
            assertThat(log).content().contains("/no/such/command");
        }
    }

    @Test
    void closingStopsTheCommandWithItsOwnSignal() throws Exception {
        // Given
        Leash leash = start(Leash.Stop.INT, TELLS_ITS_END);
        awaitReady();
        // When
        leash.close();
        // Then
        assertThat(leash.isAlive()).isFalse();
        assertThat(leash.waitFor()).isEqualTo(7);
        assertThat(log).content().contains("got INT").doesNotContain("got TERM");
    }

    @Test
    void aStoppedProcessCanBeClosedToo() throws Exception {
        // Given
        Leash leash = start(Leash.Stop.TERM, TELLS_ITS_END);
        awaitReady();
        assertThat(new ProcessBuilder("kill", "-STOP", String.valueOf(leash.pid()))
                        .start()
                        .waitFor())
                .isZero();
        // When
        leash.close();
        // Then
        assertThat(leash.waitFor()).isEqualTo(8);
    }

    @Test
    void aKilledCommandIsSeenAsKilled() throws Exception {
        // Given
        Leash leash = start(Leash.Stop.TERM, TELLS_ITS_END);
        awaitReady();
        // When
        leash.kill();
        // Then
        assertThat(leash.waitFor()).isEqualTo(137);
    }

    @Test
    void childrenOfTheCommandEndWithIt() throws Exception {
        // Given
        Leash leash = start(Leash.Stop.TERM, "sleep 1000 & echo ready; wait");
        awaitReady();
        // When
        leash.kill();
        // Then
        Processes.assertNone(folder);
    }

    @Test
    void aChildThatHasLeftTheGroupEndsWithItToo() throws Exception {
        // Given
        Leash leash = start(Leash.Stop.TERM, "perl -e '$| = 1; setpgrp(0, 0); print qq(ready\\n); sleep 1000' & wait");
        awaitReady();
        // When
        leash.kill();
        // Then
        Processes.assertNone(folder);
    }

    @Test
    void theCommandHasASessionOfItsOwnAndOnlyTheEnvironmentGiven() throws Exception {
        // When
        try (Leash leash =
                start(Leash.Stop.TERM, "cut -d' ' -f6 /proc/$$/stat; env | grep -v -E '^(PWD|OLDPWD|SHLVL|_)='")) {
            leash.waitFor();
            // Then
            assertThat(Files.readAllLines(log)).containsExactly(String.valueOf(leash.pid()), "GIVEN=1");
        }
    }

    @Test
    void nothingSurvivesALauncherThatIsKilled() throws Exception {
        // Given
        Process launcher = launcher(TELLS_ITS_END);
        awaitReady();
        // When
        launcher.destroyForcibly().waitFor();
        // Then
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(Processes.of(folder)).isEmpty());
        assertThat(log).content().contains("got TERM");
    }

    @Test
    void noCommandIsDeafEnoughToSurvive() throws Exception {
        // Given
        Process launcher = launcher("trap '' TERM QUIT; echo ready; while :; do sleep 0.05; done");
        awaitReady();
        // When
        launcher.destroyForcibly().waitFor();
        // Then
        await().atMost(Duration.ofSeconds(40))
                .untilAsserted(() -> assertThat(Processes.of(folder)).isEmpty());
        assertThat(log).content().contains("sending KILL");
    }

    /** Another JVM that holds one command on a leash until it is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws Exception {
            Path folder = Path.of(arguments[0]);
            try (Leash leash = Leash.start(
                    folder.resolve("leash.sh"),
                    folder.resolve("pid"),
                    folder.resolve("log"),
                    Leash.Stop.TERM,
                    folder,
                    Map.of("PATH", System.getenv("PATH")),
                    List.of("/bin/sh", "-c", arguments[1]))) {
                leash.waitFor();
            }
        }
    }

    private Process launcher(String command) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx32m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        folder.toString(),
                        command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("launcher").toFile())
                .start();
    }

    private Leash start(Leash.Stop stop, String command) throws IOException {
        return Leash.start(
                folder.resolve("leash.sh"),
                folder.resolve("pid"),
                log,
                stop,
                folder,
                Map.of("GIVEN", "1"),
                List.of("perl", "-e", DEFAULT_INT, "/bin/sh", "-c", command));
    }

    private void awaitReady() {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> Files.exists(log) && Files.readString(log).contains("ready"));
    }
}
