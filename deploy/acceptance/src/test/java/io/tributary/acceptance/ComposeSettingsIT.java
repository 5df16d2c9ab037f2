package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each program with the environment that compose gives it and one variable more, which none of them has: all refuse that last of
 * all, once everything else was found good, and name every variable that they know.
 */
class ComposeSettingsIT {
    private static final Pattern KNOWN = Pattern.compile("unknown: ([A-Z_]+); known: ([A-Z0-9_, ]+)");
    private static final long ENDS_WITHIN_SECONDS = 60;

    @TempDir
    static Path dir;

    @BeforeAll
    static void makeSecrets() throws IOException, InterruptedException {
        callSecretsScript();
    }

    private static void callSecretsScript() throws IOException, InterruptedException {
        Process made = new ProcessBuilder(
                        ComposeFile.DEPLOY.resolve("secrets.sh").toString(),
                        dir.resolve("secrets").toString(),
                        dir.resolve("env").toString())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("secrets.log").toFile())
                .start();
        assertThat(made.waitFor(ENDS_WITHIN_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(made.exitValue())
                .as(Files.readString(dir.resolve("secrets.log")))
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "ingest, reactive-ingest, io.tributary.ingest.IngestMain, INGEST_",
        "ingest-2, reactive-ingest, io.tributary.ingest.IngestMain, INGEST_",
        "prepare, reactive-ingest, io.tributary.ingest.prepare.PrepareMain, PREPARE_",
        "stream, spark-stream, io.tributary.stream.StreamMain, STREAM_",
        "stream-job, spark-stream, io.tributary.stream.StreamJob, STREAM_",
    })
    void eachVariableThatIsReadIsSetAndEachThatIsSetIsRead(String service, String module, String main, String prefix)
            throws IOException, InterruptedException {
        // Given
        Map<String, String> environment = new HashMap<>(ComposeFile.read().environment(service));
        Map<String, Object> secrets = ComposeFile.read().section("secrets");
        environment.replaceAll((key, value) -> value.startsWith("/run/secrets/")
                ? madeFile(secrets, value.substring("/run/secrets/".length()))
                : value);
        // When
        String said = refusalOf(module, main, environment, prefix + "NO_SUCH");
        // Then
        Matcher known = KNOWN.matcher(said);
        assertThat(known.find()).as(said).isTrue();
        assertThat(known.group(1)).isEqualTo(prefix + "NO_SUCH");
        TreeSet<String> read = new TreeSet<>(List.of(known.group(2).split(", ")));
        assertThat(environment.keySet()).containsExactlyInAnyOrderElementsOf(read);
    }

    @Test
    void secretsAreForTheirOwnerAloneAndAreNeverMadeTwice() throws IOException, InterruptedException {
        // Given
        Map<Path, String> before = contents();
        // When
        callSecretsScript();
        // Then
        assertThat(contents()).isEqualTo(before).hasSizeGreaterThan(20);
        for (Path file : before.keySet()) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .as(file.toString())
                    .isEqualTo("rw-------");
        }
        assertThat(before.values()).doesNotHaveDuplicates();
    }

    private static Map<Path, String> contents() throws IOException {
        Map<Path, String> all = new HashMap<>();
        try (Stream<Path> files = Files.list(dir.resolve("secrets"))) {
            for (Path file : files.toList()) {
                all.put(file, Files.readString(file));
            }
        }
        return all;
    }

    private static String madeFile(Map<String, Object> secrets, String name) {
        String file = ComposeFile.withDefaults(
                ((Map<?, ?>) secrets.get(name)).get("file").toString());
        Path made = dir.resolve(file).normalize();
        assertThat(made).as("secrets.sh makes %s", name).exists();
        return made.toString();
    }

    private static String refusalOf(String module, String main, Map<String, String> environment, String unknown)
            throws IOException, InterruptedException {
        Path built = WholeStack.HOME.resolve(module).resolve("target");
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx384m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                built.resolve("classes") + ":"
                        + Files.readString(built.resolve("runtime.classpath")).strip(),
                main));
        Path output = Files.createTempFile(dir, "said", "");
        ProcessBuilder program =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        program.environment().putAll(environment);
        program.environment().put(unknown, "1");
        Process process = program.start();
        try {
            assertThat(process.waitFor(ENDS_WITHIN_SECONDS, TimeUnit.SECONDS))
                    .as(main + " refuses an unknown variable")
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.exitValue()).as(Files.readString(output)).isEqualTo(2);
        return Files.readString(output);
    }
}
