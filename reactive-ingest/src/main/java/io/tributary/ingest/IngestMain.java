package io.tributary.ingest;

import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tributary.ingest.api.ControlApi;
import io.tributary.ingest.api.Services;
import io.tributary.ingest.ledger.Migrations;
import io.tributary.ingest.ledger.PostgresBoard;
import io.tributary.ingest.ledger.PostgresLedger;
import io.tributary.ingest.live.Live;
import io.tributary.ingest.metrics.IngestMetrics;
import io.tributary.ingest.model.IngestException;
import io.tributary.ingest.model.IngestException.StoreFailed;
import io.tributary.ingest.model.Limits;
import io.tributary.ingest.pipeline.IngestPipeline;
import io.tributary.ingest.plan.Plans;
import io.tributary.ingest.postgres.Postgres;
import io.tributary.ingest.reconcile.CassandraCounts;
import io.tributary.ingest.reconcile.CassandraSession;
import io.tributary.ingest.reconcile.CassandraWindows;
import io.tributary.ingest.reconcile.StoreReconciler;
import io.tributary.ingest.replay.Replays;
import io.tributary.ingest.sink.kafka.KafkaCluster;
import io.tributary.ingest.sink.kafka.UserTopic;
import io.tributary.ingest.sink.postgres.UserRows;
import io.tributary.ingest.source.PageParser;
import io.tributary.ingest.source.RandomUserClient;
import io.tributary.ingest.source.SourceLimits;
import io.tributary.ingest.source.pace.PacedSource;
import io.tributary.ingest.source.pace.PostgresPace;
import io.tributary.schemas.BadConfig;
import io.tributary.schemas.SchemaRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;

/**
 * The ingest service. Reads its settings, wires the stations of a page, and is the only one that subscribes to the
 * pipeline. Exit status: 2 for settings that can not be used, 1 for a failure that a restart may mend.
 */
public final class IngestMain {
    private static final Logger LOG = LoggerFactory.getLogger(IngestMain.class);
    private static final Duration REGISTRY_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration SOURCE_CONNECT_TIMEOUT = Duration.ofSeconds(10);
    /** A page waits for its turn at the source so long at most, and never beyond a third of its lease. */
    private static final Duration LONGEST_TURN = Duration.ofSeconds(10);

    /** Who watches is told sooner than a probe that a server does not answer. */
    private static final Duration WATCHED = Duration.ofSeconds(1);

    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(2);
    /** For pages in flight to end after a SIGTERM; those that do not are released. */
    private static final Duration DRAIN = Duration.ofSeconds(8);

    private final IngestConfig config;
    private final Vertx vertx;
    private final Postgres postgres;
    private final Postgres questions;
    private final SchemaRegistry registry;
    private final CassandraSession cassandra;
    private final KafkaCluster kafka;
    private final RandomUserClient source;
    private final UserTopic topic;
    private final UserTopic replayTopic;
    private final Replays replays;
    private final StoreReconciler reconciler;
    private final PostgresLedger ledger;
    private final IngestPipeline pipeline;
    private final ControlApi api;
    private final AtomicBoolean migrated = new AtomicBoolean();
    private final CountDownLatch drained = new CountDownLatch(1);

    private IngestMain(IngestConfig config, Stations stations) {
        this.config = config;
        int pages = config.limits().pagesInFlight();
        // not Reactor's parallel threads: those must not wait, and zstd and SHA-256 of a page take milliseconds
        Scheduler cpu = Schedulers.newBoundedElastic(
                Math.max(2, Runtime.getRuntime().availableProcessors()), 2 * pages + 16, "page", 60, true);
        PrometheusMeterRegistry meters = meters();
        IngestMetrics metrics = new IngestMetrics(meters);

        this.vertx = Vertx.vertx(
                new VertxOptions().setEventLoopPoolSize(2).setWorkerPoolSize(2).setInternalBlockingPoolSize(2));
        this.postgres = new Postgres(config.postgres(), config.limits().connections());
        this.questions = Postgres.forQuestions(config.postgres(), Limits.API_CONNECTIONS);
        this.registry = config.registry().client(REGISTRY_TIMEOUT);
        this.cassandra =
                new CassandraSession(config.cassandra(), config.cassandraDatacenter(), config.cassandraSecurity());
        this.kafka = new KafkaCluster(config.kafka(), config.instance(), config.topic());
        this.source = new RandomUserClient(
                vertx,
                config.source(),
                new SourceLimits(
                        config.limits().maxBodyBytes(), config.limits().sourceTimeout(), SOURCE_CONNECT_TIMEOUT, pages),
                cpu);
        this.topic = new UserTopic(
                config.kafka(),
                config.instance(),
                config.topic(),
                kafka,
                registry,
                config.limits().producerBytes(),
                pages);
        String life = life(config.instance());
        this.ledger = ledger(postgres, life, cpu);
        PostgresLedger asked = ledger(questions, life, cpu);
        this.replayTopic = new UserTopic(
                config.kafka(),
                config.instance() + "-replay",
                config.topic(),
                kafka,
                registry,
                Limits.REPLAY_PRODUCER_BYTES,
                1);
        PacedSource paced = new PacedSource(
                source,
                new PostgresPace(
                        postgres,
                        config.source().toString(),
                        config.limits().sourceTimeout().plus(SOURCE_CONNECT_TIMEOUT)),
                pages,
                shorter(config.limits().lease().dividedBy(3), LONGEST_TURN),
                Schedulers.parallel(),
                () -> ThreadLocalRandom.current().nextDouble(),
                metrics.pace());
        this.pipeline = new IngestPipeline(
                stations.source(paced),
                stations.ledger(ledger),
                stations.rows(new UserRows(postgres)),
                stations.topic(topic),
                config.limits(),
                metrics);
        this.reconciler = StoreReconciler.over(asked, questions, config.kafka(), config.topic(), registry, cassandra);
        this.replays = new Replays(asked, replayTopic, config.topic(), InstantSource.system(), UUID::randomUUID);
        Dependencies dependencies = new Dependencies(
                migrated::get, postgres, kafka, registry, cassandra, metrics::isFailing, Dependencies.PATIENCE);
        CassandraCounts counts = new CassandraCounts(cassandra);
        CassandraWindows windows = new CassandraWindows(cassandra, InstantSource.system());
        this.api = new ControlApi(
                vertx,
                new Services(
                        asked,
                        asked::redrive,
                        reconciler,
                        counts,
                        windows,
                        replays,
                        new Plans(paced, registry, config.topic()),
                        dependencies,
                        meters::scrape,
                        pipeline::wake,
                        config.shown(),
                        new Live(
                                config.instance(),
                                pages,
                                metrics::reading,
                                dependencies.within(WATCHED)::dependencies,
                                new PostgresBoard(questions, InstantSource.system()),
                                counts,
                                () -> kafka.progress(config.streamGroup()),
                                windows,
                                replays,
                                InstantSource.system())),
                config.access());
    }

    private PostgresLedger ledger(Postgres over, String life, Scheduler cpu) {
        return new PostgresLedger(over, life, config.limits().lease(), PageParser::parse, cpu, UUID::randomUUID);
    }

    /** Starts the service; ends with the process. */
    public static void main(String[] args) throws InterruptedException {
        serve(Stations.AS_THEY_ARE);
    }

    static void serve(Stations stations) throws InterruptedException {
        IngestConfig config = configOrExit();
        IngestMain service = new IngestMain(config, stations);
        CountDownLatch failed = new CountDownLatch(1);
        Disposable running = service.run().subscribe(ending -> {}, e -> {
            LOG.error("event=stopped cause={}", e.toString(), e);
            failed.countDown();
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> service.shutDown(running), "shutdown"));
        failed.await();
        System.exit(1);
    }

    private static IngestConfig configOrExit() {
        try {
            return IngestConfig.read(System.getenv(), Runtime.getRuntime().maxMemory());
        } catch (BadConfig e) {
            System.err.println("BadConfig: " + e.getMessage());
            System.exit(2);
            throw e;
        }
    }

    /** Answers at once, works as soon as the ledger is there, and goes on whatever is away for a while. */
    private Mono<Void> run() {
        return api.start(config.httpHost(), config.httpPort())
                .then(ledgerReady())
                .then(formerLivesFreed())
                .thenMany(Flux.merge(
                        pipeline.work().doOnComplete(drained::countDown), replays.work(), topicTakesLargestRecord()))
                .then();
    }

    private Mono<Void> ledgerReady() {
        return Migrations.apply(config.postgres())
                .retryWhen(Retry.backoff(Long.MAX_VALUE, FIRST_RETRY)
                        .maxBackoff(LONGEST_RETRY)
                        .filter(e -> e instanceof StoreFailed refused && refused.isTransient())
                        .doBeforeRetry(retry -> LOG.warn(
                                "event=waiting_for dependency=postgres address={} cause={}",
                                config.postgres(),
                                firstLine(retry.failure()))))
                .doOnSuccess(done -> {
                    migrated.set(true);
                    LOG.info("event=ledger_ready address={}", config.postgres());
                });
    }

    /** Beside the work: pages are captured while Kafka is away. */
    private Mono<Void> topicTakesLargestRecord() {
        return kafka.takesLargestRecord()
                .retryWhen(Retry.backoff(Long.MAX_VALUE, FIRST_RETRY)
                        .maxBackoff(LONGEST_RETRY)
                        .filter(IngestException::mayPass));
    }

    /** Frees at once what a life that was killed still holds; without that its pages wait for their leases to end. */
    private Mono<Void> formerLivesFreed() {
        return ledger.freeFormerLives()
                .doOnNext(pages -> LOG.info("event=former_lives_freed pages={}", pages))
                .onErrorResume(IngestException.class, e -> {
                    LOG.warn("event=former_lives_not_freed cause={}", e.toString());
                    return Mono.empty();
                })
                .then();
    }

    /** The name on leases. Two processes of one instance name take pages from each other when they start, and only repeat. */
    private static String life(String instance) {
        return instance + "/" + Long.toHexString(UUID.randomUUID().getMostSignificantBits());
    }

    private void shutDown(Disposable running) {
        LOG.info("event=draining");
        pipeline.drain();
        try {
            if (migrated.get() && !drained.await(DRAIN.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("event=not_drained after={} what=pages in flight are released", DRAIN);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        running.dispose();
        api.close().onErrorComplete().block(Duration.ofSeconds(2));
        reconciler.close();
        topic.close();
        replayTopic.close();
        kafka.close();
        source.close();
        cassandra.close();
        questions.close();
        postgres.close();
        LOG.info("event=stopped");
    }

    private static PrometheusMeterRegistry meters() {
        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(meters);
        new ProcessorMetrics().bindTo(meters);
        @SuppressWarnings("resource") // lives as long as the process
        JvmGcMetrics gc = new JvmGcMetrics();
        gc.bindTo(meters);
        return meters;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static String firstLine(Throwable e) {
        String text = e instanceof IngestException ? String.valueOf(e.getMessage()) : e.toString();
        return text.lines().findFirst().orElse("");
    }
}
