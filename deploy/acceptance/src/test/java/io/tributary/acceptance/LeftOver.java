package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks, on Linux, for processes that belong to a stack: its folder is in their command line or environment, or they work in it; some
 * of Airflow's overwrite the first two.
 */
final class LeftOver {
    private LeftOver() {}

    /** A killed process is there for a moment longer: waits until there is none, and fails with what is left. */
    static void assertNone(Path dataDir) {
        await("no process of the stack in " + dataDir)
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(processesOf(dataDir)).isEmpty());
    }

    private static List<String> processesOf(Path dataDir) throws IOException {
        List<String> found = new ArrayList<>();
        long me = ProcessHandle.current().pid();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                String command = read(process.resolve("cmdline"));
                boolean isOurs = command.contains(dataDir.toString())
                        || read(process.resolve("environ")).contains(dataDir.toString())
                        || cwd(process).startsWith(dataDir);
                if (isOurs && !process.getFileName().toString().equals(Long.toString(me))) {
                    found.add(process.getFileName() + " " + command.replace('\0', ' '));
                }
            }
        }
        return found;
    }

    private static Path cwd(Path process) {
        try {
            return Files.readSymbolicLink(process.resolve("cwd"));
        } catch (IOException e) {
            return Path.of("/"); // ended while we looked
        }
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return ""; // ended while we looked
        }
    }
}
