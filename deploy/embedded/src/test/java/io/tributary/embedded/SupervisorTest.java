package io.tributary.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.embedded.EmbeddedStack.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class SupervisorTest {
    private static final Supervisor.Patience PATIENT =
            new Supervisor.Patience(Duration.ofSeconds(30), Duration.ofMillis(1));

    @TempDir
    private Path folder;

    private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
    private DataDir dataDir;

    @BeforeEach
    void take() throws IOException {
        dataDir = DataDir.take(folder);
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        dataDir.close();
        Processes.assertNone(folder);
    }

    @Test
    void aPartThatDiesIsStartedAgainAndTheListenerIsToldWithTheLog() throws Exception {
        // Given
        Supervisor supervisor = supervise(PATIENT, "touch up; sleep 1000");
        supervisor.start();
        supervisor.ready().get(30, TimeUnit.SECONDS);
        long first = supervisor.pid().orElseThrow();
        // When
        supervisor.kill();
        supervisor.awaitReady();
        // Then
        assertThat(supervisor.pid().orElseThrow()).isNotEqualTo(first);
        supervisor.stop();
        assertThat(heard)
                .containsExactly("starting", "ready", "died 137 " + dataDir.log(Part.SOURCE), "starting", "ready");
    }

    @Test
    void aPartThatKeepsDyingIsGivenUpWithItsLogNamed() {
        // Given
        Supervisor supervisor = supervise(PATIENT, "exit 3");
        // When
        supervisor.start();
        // Then
        assertThatThrownBy(() -> supervisor.ready().get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(StackFailed.class, failed -> {
                    assertThat(failed.part()).contains(Part.SOURCE);
                    assertThat(failed.log()).contains(dataDir.log(Part.SOURCE));
                })
                .hasMessageContaining("source: ended 6 times within 60 s, last with exit status 3");
        supervisor.stop();
        assertThat(heard.stream().filter("starting"::equals)).hasSize(6);
        assertThat(heard).last().asString().startsWith("broken source: ended 6 times");
    }

    @Test
    void aPartThatIsNotReadyInTimeIsEndedAndGivenUpWithItsLastWord() {
        // Given
        Supervisor supervisor =
                supervise(new Supervisor.Patience(Duration.ofMillis(300), Duration.ofMillis(1)), "sleep 1000");
        // When
        supervisor.start();
        // Then
        assertThatThrownBy(() -> supervisor.ready().get(30, TimeUnit.SECONDS))
                .hasMessageContaining("not ready after")
                .hasMessageContaining("no file up");
        assertThatThrownBy(supervisor::awaitReady).isInstanceOf(StackFailed.class);
        supervisor.stop();
    }

    @Test
    void aPartStoppedWhileItStartsIsNotStartedAgain() {
        // Given
        Supervisor supervisor = supervise(PATIENT, "sleep 1000");
        supervisor.start();
        // When
        supervisor.stop();
        // Then
        assertThatThrownBy(() -> supervisor.ready().get(1, TimeUnit.SECONDS))
                .cause()
                .hasMessageContaining("stopped before it was ready");
        assertThat(supervisor.pid()).isEmpty();
        assertThat(heard).isSubsetOf("starting");
    }

    @Test
    void aStoppedPartCanBeStartedAgain() throws Exception {
        // Given
        Supervisor supervisor = supervise(PATIENT, "touch up; sleep 1000");
        supervisor.start();
        supervisor.awaitReady();
        supervisor.stop();
        assertThatThrownBy(supervisor::kill).hasMessage("source is not up");
        // When
        supervisor.start();
        supervisor.awaitReady();
        // Then
        assertThat(supervisor.pid()).isPresent();
        supervisor.stop();
        assertThat(heard).containsExactly("starting", "ready", "starting", "ready");
    }

    private Supervisor supervise(Supervisor.Patience patience, String command) {
        return new Supervisor(new ShellServer(dataDir.of(Part.SOURCE), command), dataDir, new Ear(), patience);
    }

    /** A shell command, ready when it has made the file {@code up}. */
    private record ShellServer(Path folder, String shell) implements Server {
        @Override
        public Part part() {
            return Part.SOURCE;
        }

        @Override
        public void prepare() throws IOException {
            Files.deleteIfExists(folder.resolve("up"));
        }

        @Override
        public List<String> command() {
            return List.of("/bin/sh", "-c", shell);
        }

        @Override
        public Map<String, String> environment() {
            return Map.of();
        }

        @Override
        public void awaken() throws IOException {
            if (!Files.exists(folder.resolve("up"))) {
                throw new IOException("no file up");
            }
        }
    }

    private final class Ear implements StackListener {
        @Override
        public void starting(Part part) {
            heard.add("starting");
        }

        @Override
        public void ready(Part part, Duration took) {
            heard.add("ready");
        }

        @Override
        public void died(Part part, int exit, Path log, Duration restartIn) {
            heard.add("died " + exit + " " + log);
        }

        @Override
        public void broken(StackFailed failure) {
            heard.add("broken " + failure.getMessage());
        }
    }
}
