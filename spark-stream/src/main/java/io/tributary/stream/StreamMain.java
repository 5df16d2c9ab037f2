package io.tributary.stream;

import io.tributary.schemas.BadConfig;
import io.tributary.schemas.RegistryAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream as a process: waits for Kafka, the registry and Cassandra while Spark starts, then keeps both queries going
 * until SIGTERM. Exit 2 on a setting that can not be used, 3 on a checkpoint, a topic or tables of another stream ({@link
 * StartRefused}), 1 when it can not start for another reason than a missing server.
 */
public final class StreamMain {
    private static final Logger LOG = LoggerFactory.getLogger(StreamMain.class);
    static final int EXIT_FAILED = 1;
    static final int EXIT_BAD_CONFIG = 2;
    private static final int EXIT_REFUSED = 3;
    private static final int BEFORE_SPARKS_OWN_HOOK = 100;
    private static final Duration PAUSE = Duration.ofMillis(250);

    private final StreamSettings settings;
    private final long startedNanos = System.nanoTime();
    /** What is not there yet, and why. */
    private final Map<String, String> waitingFor = new ConcurrentSkipListMap<>(Map.of(
            "spark",
            "not asked yet",
            "kafka",
            "not asked yet",
            "registry",
            "not asked yet",
            "cassandra",
            "not asked yet"));

    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile List<StandingQuery> queries = List.of();
    private volatile StreamMetrics metrics = new StreamMetrics(() -> queries, Optional::empty, Map::of);

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
        } catch (StartRefused e) {
            System.err.println("spark-stream: " + e.getMessage());
            System.exit(EXIT_REFUSED);
        } catch (Throwable e) { // other threads would keep a process without a purpose
            LOG.error("stream=failed", e);
            System.exit(EXIT_FAILED);
        }
    }

    private void run() throws Exception {
        StreamHttp http = StreamHttp.listen(
                settings.httpHost(),
                settings.httpPort(),
                () -> queries,
                () -> "waiting for " + waitingFor,
                () -> metrics.text());
        LOG.info("stream=starting http=http://{}:{} topic={}", settings.httpHost(), http.port(), settings.topic());
        Admin admin = Admin.create(settings.kafka().client(Map.of("client.id", "tributary-stream")));
        CompletableFuture<SparkSession> spark = awaited("spark", () -> StreamSession.begin(settings));
        CompletableFuture<Integer> generation = awaited("cassandra", this::generation);
        CompletableFuture<Boolean> registry = awaited("registry", () -> registryAnswers(settings.registry()));
        CompletableFuture<TopicFacts> topic = awaited("kafka", () -> ourTopic(admin));
        allOrTheFirstRefusal(spark, generation, registry, topic);

        if (settings.isRealTime()) {
            Cores.of(spark.get()).refuseTooFewFor(topic.get());
        }
        begin(spark.get(), generation.get(), admin, topic.get());
        ShutdownHookManager.get().addShutdownHook(this::stop, BEFORE_SPARKS_OWN_HOOK);
        ended.await();
    }

    /** Does not wait for the others where one is refused. */
    private static void allOrTheFirstRefusal(CompletableFuture<?>... parts) throws Exception {
        CompletableFuture<Void> all = CompletableFuture.allOf(parts);
        for (CompletableFuture<?> part : parts) {
            var unused = part.whenComplete((value, failure) -> {
                if (failure != null) {
                    all.completeExceptionally(failure);
                }
            });
        }
        try {
            all.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof StartRefused refused ? refused : e;
        }
    }

    private void begin(SparkSession spark, int generation, Admin admin, TopicFacts topic) throws IOException {
        List<String> names = List.of(StreamQueries.COUNTER, StreamQueries.USERS);
        GroupOffsets offsets = new GroupOffsets(
                admin,
                settings.group(),
                Set.copyOf(names),
                new HashMap<>(new Checkpoints(settings.checkpoints()).reached(names)));
        spark.streams().addListener(offsets);
        Lag lag = new Lag(admin, offsets::reached);
        lag.watch(IntStream.range(0, topic.partitions())
                .mapToObj(partition -> new TopicPartition(topic.name(), partition))
                .collect(Collectors.toSet()));
        DeadLetterCounts deadLetters = new DeadLetterCounts(spark.sparkContext());
        metrics = new StreamMetrics(() -> queries, lag::now, deadLetters::now);
        StreamQueries both = new StreamQueries(spark, settings, generation, deadLetters);
        queries = List.of(
                new StandingQuery(StreamQueries.COUNTER, spark, List.of(both::counter)),
                new StandingQuery(
                        StreamQueries.USERS,
                        spark,
                        settings.isRealTime()
                                ? List.of(both::usersUntilNow, both::usersInRealTime)
                                : List.of(both::users)));
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
                        } catch (StartRefused e) {
                            done.completeExceptionally(e);
                        } catch (Exception e) {
                            String cause = firstLine(e);
                            waitingFor.put(what, cause);
                            if (!said) {
                                said = true;
                                LOG.info("waiting_for={} cause=\"{}\"", what, cause);
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

    /** The topic, once it is there, with the checkpoints that are about it. */
    private TopicFacts ourTopic(Admin admin) throws Exception {
        Optional<TopicFacts> found = TopicFacts.read(admin, settings.topic());
        List<String> problems = new ArrayList<>(settings.topicRules().problems(settings.topic(), found));
        if (TopicFacts.read(admin, settings.deadLetterTopic()).isEmpty()) {
            problems.add("topic " + settings.deadLetterTopic() + " is missing, and dead letters would stop the stream");
        }
        if (settings.topicRules().strict() && !problems.isEmpty()) {
            throw new StartRefused(String.join("; ", problems)
                    + "; mend it, or set STREAM_REQUIRE_TOPIC=lenient where losing records is no matter");
        }
        TopicFacts topic = found.orElseThrow(() -> new IllegalStateException(problems.get(0)));
        problems.forEach(problem -> LOG.warn("topic={} problem=\"{}\"", settings.topic(), problem));
        new CheckpointOwner(
                        topic.cluster(),
                        topic.name(),
                        topic.id(),
                        settings.window().toMillis())
                .claim(settings.checkpoints(), new Checkpoints(settings.checkpoints()));
        return topic;
    }

    private static boolean registryAnswers(RegistryAddress registry) throws Exception {
        registry.client(Duration.ofSeconds(5)).ping().get();
        return true;
    }

    private int generation() throws IOException, StartRefused {
        return new StreamState(StreamQueries.session(settings)).claim(settings.window());
    }
}
