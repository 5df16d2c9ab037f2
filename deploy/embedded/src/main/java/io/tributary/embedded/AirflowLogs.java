package io.tributary.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what Airflow writes of its tasks, which Airflow itself keeps for ever, within {@value #MOST_BYTES} bytes: the oldest files go.
 * Looked at every {@link #PAUSE}; in between it may be more.
 */
final class AirflowLogs {
    static final long MOST_BYTES = 100_000_000;

    private static final Duration PAUSE = Duration.ofMinutes(1);
    private static final Logger LOG = LoggerFactory.getLogger(AirflowLogs.class);

    private AirflowLogs() {}

    private record Kept(Path file, FileTime changed, long bytes) {}

    /** Trims from now on, on a thread of its own that ends with the folder or the launcher. */
    static void keepTrimmed(Path logs) throws IOException {
        Files.createDirectories(logs);
        Thread trimming = new Thread(
                () -> {
                    try {
                        while (Files.isDirectory(logs)) {
                            trimOrTell(logs);
                            Thread.sleep(PAUSE.toMillis());
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt(); // nobody does; ends the thread
                    }
                },
                "airflow-logs");
        trimming.setDaemon(true);
        trimming.start();
    }

    private static void trimOrTell(Path logs) {
        try {
            trim(logs, MOST_BYTES);
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("part=airflow event=logs_not_trimmed why={}", e.toString());
        }
    }

    /** Deletes the files that were changed longest ago until the rest has at most so many bytes. */
    static void trim(Path logs, long mostBytes) throws IOException {
        List<Kept> kept = new ArrayList<>();
        try (Stream<Path> all = Files.walk(logs)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                see(path, kept);
            }
        }
        kept.sort(Comparator.comparing(Kept::changed));
        long bytes = kept.stream().mapToLong(Kept::bytes).sum();
        for (Kept oldest : kept) {
            if (bytes <= mostBytes) {
                return;
            }
            Files.deleteIfExists(oldest.file());
            bytes -= oldest.bytes();
        }
    }

    private static void see(Path path, List<Kept> kept) throws IOException {
        try {
            BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class);
            if (file.isRegularFile()) {
                kept.add(new Kept(path, file.lastModifiedTime(), file.size()));
            }
        } catch (NoSuchFileException e) {
            // Airflow has renamed or deleted it by now
        }
    }
}
