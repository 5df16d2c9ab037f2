package io.tributary.stream;

import io.tributary.schemas.BadConfig;
import io.tributary.schemas.SchemaRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.kafka.clients.admin.Admin;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream as a process: waits for Kafka, the registry and Cassandra while Spark starts, then keeps both queries going
 * until SIGTERM. Exit 2 on a setting that can not be used, 1 when it can not start for another reason than a missing server.
 */
public final class StreamMain {
    private static final Logger LOG = LoggerFactory.getLogger(StreamMain.class);
    private static final int EXIT_FAILED = 1;
    private static final int EXIT_BAD_CONFIG = 2;
    private static final int BEFORE_SPARKS_OWN_HOOK = 100;
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(4);
    private static final Duration PAUSE = Duration.ofMillis(250);

    private final StreamSettings settings;
    private final long startedNanos = System.nanoTime();
    private final Set<String> waitingFor =
            new ConcurrentSkipListSet<>(Set.of("spark", "kafka", "registry", "cassandra"));
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile List<StandingQuery> queries = List.of();

    private StreamMain(StreamSettings settings) {
        this.settings = settings;
    }

    public static void main(String[] args) {
        StreamSettings settings;
        try {
            settings = StreamSettings.read(System.getenv());
        } catch (BadConfig e) {
            System.err.println("spark-stream: " + e.getMessage());
            System.exit(EXIT_BAD_CONFIG);
            return;
        }
        try {
            new StreamMain(settings).run();
        } catch (Throwable e) { // other threads would keep a process without a purpose
            LOG.error("stream=failed", e);
            System.exit(EXIT_FAILED);
        }
    }

    private void run() throws Exception {
        StreamHttp http = StreamHttp.listen(
                settings.httpHost(), settings.httpPort(), () -> queries, () -> "waiting for " + waitingFor);
        LOG.info("stream=starting http=http://{}:{} topic={}", settings.httpHost(), http.port(), settings.topic());
        Admin admin = Admin.create(Map.of("bootstrap.servers", settings.kafka(), "client.id", "tributary-stream"));
        CompletableFuture<SparkSession> spark = awaited("spark", () -> session(settings));
        CompletableFuture<Integer> generation = awaited("cassandra", this::generation);
        CompletableFuture<Boolean> registry = awaited("registry", () -> registryAnswers(settings.registry()));
        CompletableFuture<Boolean> kafka = awaited("kafka", () -> topicExists(admin));
        CompletableFuture.allOf(spark, generation, registry, kafka).get();

        begin(spark.get(), generation.get(), admin);
        ShutdownHookManager.get().addShutdownHook(this::stop, BEFORE_SPARKS_OWN_HOOK);
        ended.await();
    }

    private void begin(SparkSession spark, int generation, Admin admin) throws IOException {
        List<String> names = List.of(StreamQueries.COUNTER, StreamQueries.USERS);
        spark.streams()
                .addListener(new GroupOffsets(
                        admin,
                        settings.group(),
                        Set.copyOf(names),
                        new HashMap<>(new Checkpoints(settings.checkpoints()).reached(names))));
        StreamQueries both = new StreamQueries(spark, settings, generation);
        queries = List.of(
                new StandingQuery(StreamQueries.COUNTER, spark, both::counter),
                new StandingQuery(StreamQueries.USERS, spark, both::users));
        queries.forEach(StandingQuery::begin);
        LOG.info("stream=started generation={} after_ms={}", generation, sinceStart());
    }

    private void stop() {
        LOG.info("stream=stopping");
        queries.parallelStream().forEach(StandingQuery::stop);
        ended.countDown();
    }

    private long sinceStart() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos);
    }

    /** Tries until it works, on a thread of its own; says the first reason and the end. */
    private <T> CompletableFuture<T> awaited(String what, Callable<T> attempt) {
        CompletableFuture<T> done = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    boolean said = false;
                    while (!done.isDone()) {
                        try {
                            T value = attempt.call();
                            waitingFor.remove(what);
                            LOG.info("ready={} after_ms={}", what, sinceStart());
                            done.complete(value);
                        } catch (Exception e) {
                            if (!said) {
                                said = true;
                                LOG.info("waiting_for={} cause=\"{}\"", what, firstLine(e));
                            }
                            pause();
                        }
                    }
                },
                "await-" + what);
        thread.setDaemon(true);
        thread.start();
        return done;
    }

    private static String firstLine(Exception e) {
        return e.toString().lines().findFirst().orElse("");
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean topicExists(Admin admin) throws Exception {
        return admin.describeTopics(Set.of(settings.topic()))
                .allTopicNames()
                .get()
                .containsKey(settings.topic());
    }

    private static boolean registryAnswers(URI base) throws Exception {
        new SchemaRegistry(base, Duration.ofSeconds(5)).ping().get();
        return true;
    }

    private int generation() throws IOException {
        return Generation.current(StreamQueries.session(settings));
    }

    /** Spark's session, lean: no UI, few partitions, RocksDB within a bound. */
    private static SparkSession session(StreamSettings settings) throws IOException {
        SparkSession.Builder builder = SparkSession.builder()
                .appName("tributary-stream")
                .master(settings.master())
                .config("spark.ui.enabled", false)
                .config("spark.scheduler.mode", "FAIR")
                .config("spark.sql.shuffle.partitions", 2)
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
        if (settings.master().startsWith("local")) {
            Path scratch = scratch(settings.checkpoints());
            builder.config("spark.driver.host", "127.0.0.1")
                    .config("spark.driver.bindAddress", "127.0.0.1")
                    .config("spark.local.dir", scratch.toString())
                    .config(
                            "spark.sql.warehouse.dir",
                            scratch.resolve("warehouse").toUri().toString());
        }
        return builder.getOrCreate();
    }

    /** Spark's scratch folder beside the checkpoints, empty: what a killed process left there is of no use. */
    private static Path scratch(String checkpoints) throws IOException {
        Path folder = checkpoints.startsWith("file:")
                ? Path.of(URI.create(checkpoints)).resolve("scratch")
                : Path.of(checkpoints).toAbsolutePath().resolve("scratch");
        if (Files.exists(folder)) {
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
        return Files.createDirectories(folder);
    }
}
