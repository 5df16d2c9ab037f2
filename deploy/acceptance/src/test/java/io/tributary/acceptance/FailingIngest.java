package io.tributary.acceptance;

import static org.awaitility.Awaitility.await;

import io.tributary.embedded.Addresses;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A second ingest service, beside that of a stack: a process of its own that does at a failpoint what it is told, see
 * {@code FailingIngestMain} among ingest's tests. It ends with this JVM, which holds its standard input.
 */
final class FailingIngest implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("event=listening host=\\S+ port=(\\d+)");
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Process process;
    private final Path log;
    private final URI base;

    private FailingIngest(Process process, Path log) {
        this.process = process;
        this.log = log;
        this.base = URI.create("http://127.0.0.1:" + port());
    }

    /**
     * Starts it; at work when this returns.
     *
     * @param failpoint armed from the start, or none
     */
    static FailingIngest start(Path log, Addresses servers, Duration lease, String... failpoint) throws IOException {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"), // what a halt leaves
                "-Dlogback.configurationFile=logback.xml", // not that of the tests
                "-cp",
                classPath(),
                "io.tributary.ingest.FailingIngestMain"));
        line.addAll(List.of(failpoint));
        ProcessBuilder builder =
                new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(log.toFile());
        Map<String, String> environment = builder.environment();
        environment.putAll(ThreeIngests.environmentBeside(servers));
        environment.put("INGEST_SOURCE_URL", servers.sourceUrl().orElseThrow().toString());
        environment.put("INGEST_HTTP_PORT", "0");
        environment.put("INGEST_INSTANCE", "failing");
        environment.put("INGEST_LEASE", lease.toSeconds() + "s");
        return new FailingIngest(builder.start(), log);
    }

    private static String classPath() throws IOException {
        Path target = WholeStack.HOME.resolve("reactive-ingest/target");
        return String.join(
                File.pathSeparator,
                target.resolve("test-classes").toString(),
                target.resolve("classes").toString(),
                Files.readString(target.resolve("runtime.classpath")).strip());
    }

    private String port() {
        Matcher[] listening = new Matcher[1];
        await("the failing ingest listens")
                .atMost(PATIENCE)
                .until(() -> (listening[0] = LISTENING.matcher(Files.readString(log))).find());
        return listening[0].group(1);
    }

    IngestApi api() {
        return new IngestApi(base, Duration.ofSeconds(10));
    }

    void arm(String failpoint) throws IOException {
        process.getOutputStream().write((failpoint + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** The failpoint was come to, and it is dead or stopped if it is to be. */
    void awaitStruck(String failpoint) {
        await(failpoint + " is struck")
                .atMost(PATIENCE)
                .until(() -> Files.readString(log).contains("event=failpoint struck=\"" + failpoint + '"'));
        if (failpoint.startsWith("HALT")) {
            await(failpoint + " has ended it").atMost(PATIENCE).until(() -> !process.isAlive());
        } else if (failpoint.startsWith("PAUSE")) {
            await(failpoint + " has stopped it").atMost(PATIENCE).until(this::isStopped);
        }
    }

    private boolean isStopped() throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
        return stat.charAt(stat.lastIndexOf(')') + 2) == 'T';
    }

    boolean isAlive() {
        return process.isAlive();
    }

    void resume() throws IOException, InterruptedException {
        Signals.send("CONT", List.of(process.toHandle()));
    }

    /** Whatever it had in hand when it was stopped has come to its end. */
    void awaitIdle() {
        await("nothing in flight")
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> api().metrics().contains("tributary_ingest_pages_in_flight 0.0"));
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
