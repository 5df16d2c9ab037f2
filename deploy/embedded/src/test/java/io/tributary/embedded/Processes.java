package io.tributary.embedded;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Looks at the system itself, not at what the launcher believes: every process that has to do with a folder. Linux only. */
final class Processes {
    private Processes() {}

    /**
     * Processes other than this JVM whose command line, environment or working directory names the folder; PostgreSQL's
     * backends are found by the last two.
     */
    static List<String> of(Path folder) throws IOException {
        List<String> found = new ArrayList<>();
        String me = String.valueOf(ProcessHandle.current().pid());
        try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
            for (Path process : entries.toList()) {
                String pid = process.getFileName().toString();
                if (!pid.matches("[0-9]+") || pid.equals(me)) {
                    continue;
                }
                String about = read(process.resolve("cmdline")) + read(process.resolve("environ")) + cwd(process);
                if (about.contains(folder.toString())) {
                    found.add(pid + " " + read(process.resolve("cmdline")).replace('\0', ' '));
                }
            }
        }
        return found;
    }

    /** A killed process is there for a moment longer: waits until there is none, seconds at most, and fails with what is left. */
    static void assertNone(Path folder) {
        await().atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(10))
                .untilAsserted(() -> assertThat(of(folder)).isEmpty());
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), ISO_8859_1);
        } catch (IOException e) {
            return ""; // it has ended meanwhile
        }
    }

    private static String cwd(Path process) {
        try {
            return Files.readSymbolicLink(process.resolve("cwd")).toString();
        } catch (IOException e) {
            return "";
        }
    }
}
