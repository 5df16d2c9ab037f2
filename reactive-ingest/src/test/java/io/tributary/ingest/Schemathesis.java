package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * <a href="https://schemathesis.io">Schemathesis</a>, which makes requests from a contract and judges the answers by it. It is
 * installed from its lock, every package checked by its hash, into a Python environment under {@code target}.
 */
final class Schemathesis {
    private static final Path HOME = Path.of("src/test/schemathesis");
    private static final Path LOCK = HOME.resolve("requirements.txt");
    private static final Path ENVIRONMENT = Path.of("target/schemathesis").toAbsolutePath();
    private static final Path INSTALLED = ENVIRONMENT.resolve("installed.txt");

    private static final Duration INSTALLING = Duration.ofMinutes(5);
    private static final Duration TRYING = Duration.ofMinutes(15);

    private Schemathesis() {}

    /** How it ended, and what it said. */
    record Verdict(int exit, String report) {}

    /** Tries the service at that address with a token that may do everything. */
    static Verdict tryOut(URI service, String token) throws IOException, InterruptedException {
        install();
        ProcessBuilder run = new ProcessBuilder(
                tool("st"),
                "--config-file",
                HOME.resolve("schemathesis.toml").toString(),
                "run",
                service.resolve("/api/v1/openapi.json").toString());
        run.environment().put("TRIBUTARY_TOKEN", token);
        return ended(run, TRYING);
    }

    private static void install() throws IOException, InterruptedException {
        if (Files.exists(INSTALLED) && Files.readString(INSTALLED).equals(Files.readString(LOCK))) {
            return;
        }
        done("python3", "-c", "import sys; assert sys.version_info >= (3, 11), 'needed: Python 3.11 or newer'");
        done("python3", "-m", "venv", "--clear", ENVIRONMENT.toString());
        done(tool("pip"), "install", "--quiet", "--require-hashes", "--only-binary=:all:", "-r", LOCK.toString());
        Files.copy(LOCK, INSTALLED);
    }

    private static String tool(String name) {
        return ENVIRONMENT.resolve("bin").resolve(name).toString();
    }

    private static void done(String... command) throws IOException, InterruptedException {
        Verdict verdict = ended(new ProcessBuilder(command), INSTALLING);
        assertThat(verdict.exit())
                .as("%s%n%s", List.of(command), verdict.report())
                .isZero();
    }

    private static Verdict ended(ProcessBuilder command, Duration within) throws IOException, InterruptedException {
        Path report = Files.createTempFile("schemathesis", ".txt");
        try {
            Process process = command.redirectErrorStream(true)
                    .redirectOutput(report.toFile())
                    .start();
            if (!process.waitFor(within.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                return new Verdict(-1, "not done within " + within + "\n" + Files.readString(report));
            }
            return new Verdict(process.exitValue(), Files.readString(report));
        } finally {
            Files.delete(report);
        }
    }
}
