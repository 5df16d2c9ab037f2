package io.tributary.stream;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.streaming.checkpointing.FileSystemBasedCheckpointFileManager;
import org.jspecify.annotations.Nullable;

/** Spark as all of ours need it. */
final class StreamSession {
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(4);

    private StreamSession() {}

    /** Spark's session, lean: no UI, few partitions, RocksDB within a bound. */
    static SparkSession begin(StreamSettings settings) throws IOException {
        return begin(settings, settings.master().startsWith("local") ? scratch(settings.checkpoints()) : null);
    }

    /** @param scratch a folder of its own where all of Spark is in this JVM, null where a cluster has its own */
    static SparkSession begin(StreamSettings settings, @Nullable Path scratch) {
        SparkSession.Builder builder = SparkSession.builder()
                .appName("tributary-stream")
                .master(settings.cores())
                .config("spark.ui.enabled", false)
                .config("spark.scheduler.mode", "FAIR")
                .config("spark.sql.shuffle.partitions", 2)
                .config("spark.sql.adaptive.enabled", false) // plans are small and the same each time
                .config("spark.sql.session.timeZone", "UTC")
                .config("spark.sql.datetime.java8API.enabled", true) // rows hold Instant and LocalDate
                .config("spark.sql.streaming.noDataMicroBatches.enabled", false) // or it runs empty batches for ever
                .config("spark.sql.streaming.stopTimeout", STOP_TIMEOUT.toMillis())
                .config("spark.sql.streaming.minBatchesToRetain", 10)
                .config("spark.sql.streaming.numRecentProgressUpdates", 5)
                .config("spark.sql.streaming.metricsEnabled", false)
                .config(
                        "spark.sql.streaming.stateStore.providerClass",
                        "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider")
                .config("spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled", true)
                .config("spark.sql.streaming.stateStore.rocksdb.boundedMemoryUsage", true)
                .config("spark.sql.streaming.stateStore.rocksdb.maxMemoryUsageMB", 64)
                .config("spark.sql.streaming.stateStore.rocksdb.writeBufferSizeMB", 8)
                .config("spark.sql.streaming.stateStore.rocksdb.maxWriteBufferNumber", 2)
                .config("spark.sql.streaming.stateStore.rocksdb.trackTotalNumberOfRows", false);
        if (isLocal(settings.checkpoints())) {
            builder.config("spark.hadoop.fs.file.impl", LocalFiles.class.getName())
                    .config("spark.hadoop.fs.file.impl.disable.cache", true) // one of Hadoop's may be in there already
                    .config(
                            "spark.sql.streaming.checkpointFileManagerClass",
                            FileSystemBasedCheckpointFileManager.class.getName());
        }
        if (settings.isRealTime()) {
            // the list has four sinks, all of them Spark's own; each operator of ours is on it
            builder.config("spark.sql.streaming.realTimeMode.allowlistCheck", false);
        }
        if (scratch != null) {
            builder.config("spark.driver.host", "127.0.0.1")
                    .config("spark.driver.bindAddress", "127.0.0.1")
                    .config("spark.local.dir", scratch.toString())
                    .config(
                            "spark.sql.warehouse.dir",
                            scratch.resolve("warehouse").toUri().toString());
        }
        return builder.getOrCreate();
    }

    private static boolean isLocal(String folder) {
        return folder.startsWith("file:") || folder.startsWith("/") || !folder.contains(":");
    }

    /** Spark's scratch folder beside the checkpoints, empty: what a killed process left there is of no use. */
    private static Path scratch(String checkpoints) throws IOException {
        Path folder = checkpoints.startsWith("file:")
                ? Path.of(URI.create(checkpoints)).resolve("scratch")
                : Path.of(checkpoints).toAbsolutePath().resolve("scratch");
        if (Files.exists(folder)) {
            delete(folder);
        }
        return Files.createDirectories(folder);
    }

    /** A folder with all that is in it. */
    static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException e) throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
