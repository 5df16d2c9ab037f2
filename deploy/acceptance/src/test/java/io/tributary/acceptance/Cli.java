package io.tributary.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The command line as a process of its own, as the launcher script starts it; the script would build the project first. */
final class Cli {
    private static final long LONGEST_MINUTES = 8;
    /** As in a terminal: a gate that runs in the background has the signal ignored, and so would have the launcher. */
    private static final String HEARS_CTRL_C = "$SIG{INT} = 'DEFAULT'; exec { $ARGV[0] } @ARGV";

    private Cli() {}

    /** What a finished command left. */
    record Result(int exit, String out, String err) {}

    /** Runs a command to its end, for the stack in {@code dataDir}. */
    static Result run(Path dataDir, String... arguments) {
        try {
            Path out = Files.createTempFile("etl", ".out");
            Path err = Files.createTempFile("etl", ".err");
            try {
                Process process = builder(dataDir, arguments)
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
                process.getOutputStream().close();
                if (!process.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES)) {
                    process.destroy();
                    throw new AssertionError(
                            "etl " + String.join(" ", arguments) + " did not end: " + Files.readString(err));
                }
                return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
            } finally {
                Files.delete(out);
                Files.delete(err);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    static ProcessBuilder builder(Path dataDir, String... arguments) throws IOException {
        Path module = WholeStack.HOME.resolve("deploy/embedded/target");
        List<String> command = new ArrayList<>(List.of(
                "perl",
                "-e",
                HEARS_CTRL_C,
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                "-Dtributary.home=" + WholeStack.HOME,
                "-cp",
                module.resolve("classes") + ":"
                        + Files.readString(module.resolve("runtime.classpath")).strip(),
                "io.tributary.etl.Etl"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--data", dataDir.toString()));
        return new ProcessBuilder(command);
    }
}
