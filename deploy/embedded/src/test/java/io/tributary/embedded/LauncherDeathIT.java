package io.tributary.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tributary.embedded.EmbeddedStack.Part;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However a launcher ends, and whatever it left behind. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(300)
final class LauncherDeathIT {
    private static final Set<Part> PARTS = EnumSet.of(Part.POSTGRES, Part.KAFKA, Part.REGISTRY);

    @TempDir
    private Path folder;

    @AfterEach
    void nothingIsLeft() throws IOException {
        Processes.assertNone(folder);
    }

    @Test
    void aKilledLauncherLeavesNoProcessAndTheNextOneGoesOnWhereItStood() throws Exception {
        // Given
        Process launcher = launcher();
        StackFile before = awaitUp(launcher);
        assertThatThrownBy(() -> EmbeddedStack.start(options(), StackListener.SILENT))
                .isInstanceOf(StackFailed.class)
                .hasMessageContaining("is in use by process " + launcher.pid());
        execute(before, "CREATE TABLE kept AS SELECT 42 AS number");
        // When
        launcher.destroyForcibly().waitFor();
        // Then
        try (EmbeddedStack next = EmbeddedStack.start(options(), StackListener.SILENT)) {
            assertThat(next.addresses()).isEqualTo(before.addresses());
            assertThat(number(StackFile.read(folder).orElseThrow())).isEqualTo(42);
        }
    }

    @Test
    void nothingOfAKilledLauncherRunsOn() throws Exception {
        // Given
        Process launcher = launcher();
        awaitUp(launcher);
        assertThat(Processes.of(folder)).hasSizeGreaterThan(2 * PARTS.size()); // the search finds what there is
        // When
        launcher.destroyForcibly().waitFor();
        // Then
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(Processes.of(folder)).isEmpty());
        assertThat(StackFile.read(folder).orElseThrow().isUp()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"kafka starting", "postgres ready"})
    void closingDuringTheStartLeavesNoProcess(String moment) throws Exception {
        // Given
        CountDownLatch reached = new CountDownLatch(1);
        EmbeddedStack stack = EmbeddedStack.of(options(), new StackListener() {
            @Override
            public void starting(Part part) {
                at(part.label() + " starting");
            }

            @Override
            public void ready(Part part, Duration took) {
                at(part.label() + " ready");
            }

            private void at(String now) {
                if (now.equals(moment)) {
                    reached.countDown();
                    untilClosed();
                }
            }

            /** The start can not be over before: closing interrupts the thread of each part. */
            private void untilClosed() {
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        CompletableFuture<EmbeddedStack> start = CompletableFuture.supplyAsync(stack::up);
        assertThat(reached.await(120, TimeUnit.SECONDS)).isTrue();
        // When
        stack.close();
        // Then
        Processes.assertNone(folder);
        assertThat(start)
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableThat()
                .withCauseInstanceOf(StackFailed.class)
                .withMessageContaining("ended while it was being started");
        assertThat(StackFile.read(folder)).isEmpty();
        DataDir.take(folder).close(); // the lock is free again
    }

    @Test
    void aStackClosedBeforeItsStartDoesNotStart() {
        // Given
        EmbeddedStack stack = EmbeddedStack.of(options(), StackListener.SILENT);
        stack.close();
        // When / Then
        assertThatThrownBy(stack::up)
                .isInstanceOf(StackFailed.class)
                .hasMessageContaining("ended while it was being started");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void initialisationsThatWereCutShortAreDoneAgain() throws Exception {
        // Given
        for (String half : Set.of("postgres/data.new/base", "kafka/data.new")) {
            Files.createDirectories(folder.resolve(half));
            Files.writeString(folder.resolve(half).resolve("half"), "made");
        }
        // When
        try (EmbeddedStack stack =
                EmbeddedStack.start(options().withParts(EnumSet.of(Part.POSTGRES, Part.KAFKA)), StackListener.SILENT)) {
            // Then
            assertThat(stack.pid(Part.POSTGRES)).isPositive();
            assertThat(folder.resolve("postgres/data.new")).doesNotExist();
            assertThat(folder.resolve("kafka/data.new")).doesNotExist();
        }
    }

    @Test
    void aPostmasterFileThatNamesAnotherProcessByNowDoesNotKeepTheServerDown() throws Exception {
        // Given
        StackOptions options = options().withParts(EnumSet.of(Part.POSTGRES));
        EmbeddedStack.start(options, StackListener.SILENT).close();
        Process other =
                new ProcessBuilder("sleep", "1000").start(); // not an ancestor: those PostgreSQL disregards anyway
        Path stale = folder.resolve("postgres/data/postmaster.pid");
        Files.writeString(stale, other.pid() + "\n" + stale.getParent() + "\n1\n2\n\n127.0.0.1\n");
        // When
        try (EmbeddedStack stack = EmbeddedStack.start(options, StackListener.SILENT)) {
            // Then
            assertThat(stack.pid(Part.POSTGRES)).isPositive();
        } finally {
            other.destroyForcibly().waitFor();
        }
    }

    @Test
    void aPortThatSomebodyElseHasIsNamedWithItsPart() throws Exception {
        // Given
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            // When / Then
            assertThatThrownBy(() -> EmbeddedStack.start(
                            options().withPort(Part.KAFKA, other.getLocalPort()), StackListener.SILENT))
                    .isInstanceOfSatisfying(StackFailed.class, failed -> {
                        assertThat(failed.part()).contains(Part.KAFKA);
                        assertThat(failed.log()).contains(folder.resolve("logs/kafka.log"));
                    })
                    .hasMessageContaining("port " + other.getLocalPort() + " is taken");
        }
    }

    @Test
    void aServerThatCanNotRunIsGivenUpWithItsLogAndTheOthersAreEnded() {
        // Given
        StackOptions options = options()
                .withParts(EnumSet.of(Part.POSTGRES, Part.ZOOKEEPER))
                .withJvm(Part.ZOOKEEPER, "-XX:NoSuchOption");
        // When / Then
        assertThatThrownBy(() -> EmbeddedStack.start(options, StackListener.SILENT))
                .isInstanceOfSatisfying(StackFailed.class, failed -> {
                    assertThat(failed.part()).contains(Part.ZOOKEEPER);
                    assertThat(failed.log().orElseThrow()).content().contains("NoSuchOption");
                })
                .hasMessageContaining("ended 6 times");
    }

    @Test
    void aProjectThatIsNotBuiltIsSaidSo() {
        // When / Then
        assertThatThrownBy(() -> EmbeddedStack.start(
                        StackOptions.of(folder).withParts(EnumSet.of(Part.ZOOKEEPER)), StackListener.SILENT))
                .isInstanceOf(StackFailed.class)
                .hasMessageContaining("build the project first");
    }

    /** A launcher of its own: up until it is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws Exception {
            Path dataDir = Path.of(arguments[0]);
            LauncherLog.into(dataDir);
            EmbeddedStack.start(options(dataDir), StackListener.SILENT);
            new CountDownLatch(1).await();
        }
    }

    private StackOptions options() {
        return options(folder);
    }

    private static StackOptions options(Path dataDir) {
        return StackOptions.of(Home.find()).withDataDir(dataDir).withParts(PARTS);
    }

    private Process launcher() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("launcher.out").toFile())
                .start();
    }

    private StackFile awaitUp(Process launcher) throws IOException {
        await().atMost(Duration.ofSeconds(150))
                .until(() -> StackFile.read(folder).isPresent() || !launcher.isAlive());
        assertThat(folder.resolve("launcher.out")).isEmptyFile(); // standard output is the user's
        return StackFile.read(folder).orElseThrow();
    }

    private static void execute(StackFile stack, String sql) throws SQLException, IOException {
        try (Connection connection = connect(stack);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static int number(StackFile stack) throws SQLException, IOException {
        try (Connection connection = connect(stack);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT number FROM kept")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    private static Connection connect(StackFile stack) throws SQLException, IOException {
        Addresses.Postgres address = stack.addresses().postgres().orElseThrow();
        return DriverManager.getConnection(
                address.jdbcUrl(),
                address.user(),
                Files.readString(address.passwordFile()).strip());
    }
}
