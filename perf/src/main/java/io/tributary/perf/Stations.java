package io.tributary.perf;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tributary.ingest.ledger.Migrations;
import io.tributary.ingest.ledger.PostgresLedger;
import io.tributary.ingest.metrics.IngestMetrics;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.FetchedPage;
import io.tributary.ingest.model.Lease;
import io.tributary.ingest.model.Limits;
import io.tributary.ingest.model.NewRun;
import io.tributary.ingest.model.PageRequest;
import io.tributary.ingest.pipeline.IngestPipeline;
import io.tributary.ingest.pipeline.PageEnding;
import io.tributary.ingest.postgres.Postgres;
import io.tributary.ingest.postgres.PostgresAddress;
import io.tributary.ingest.sink.kafka.KafkaCluster;
import io.tributary.ingest.sink.kafka.UserTopic;
import io.tributary.ingest.sink.postgres.UserRows;
import io.tributary.ingest.source.PageParser;
import io.tributary.ingest.source.RandomUserClient;
import io.tributary.ingest.source.SourceLimits;
import io.tributary.schemas.Brokers;
import io.tributary.schemas.SchemaRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Ingest's own stations in this process, one without the others, with its limits. */
final class Stations {
    private static final UUID RUN = new UUID(1, 1);
    private static final Instant WINDOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final Duration LONGEST = Duration.ofMinutes(30);
    private static final int PRODUCER_BYTES = 16 * 1024 * 1024;
    private static final Limits LIMITS = new Limits(
            SourcePages.AT_ONCE, 8 * 1024 * 1024, PRODUCER_BYTES, ANSWER, ANSWER, 2 * SourcePages.AT_ONCE + 4);

    private final Bench bench;

    Stations(Bench bench) {
        this.bench = bench;
    }

    /** Fetches and parses so many pages; gives the first few of them. */
    List<FetchedPage> fetch(int pages, int kept) {
        Vertx vertx = Vertx.vertx();
        Scheduler cpu = Schedulers.newBoundedElastic(
                Math.max(2, Runtime.getRuntime().availableProcessors()), 2 * SourcePages.AT_ONCE + 16, "page");
        URI source = bench.addresses().sourceUrl().orElseThrow();
        try (RandomUserClient client = new RandomUserClient(vertx, source, SourceLimits.of(SourcePages.AT_ONCE), cpu)) {
            List<FetchedPage> first = new ArrayList<>();
            Flux.range(1, pages)
                    .flatMap(page -> client.fetch(request(page)), SourcePages.AT_ONCE, 1)
                    .doOnNext(page -> keep(page, first, kept))
                    .blockLast(LONGEST);
            return first;
        } finally {
            cpu.dispose();
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private static void keep(FetchedPage page, List<FetchedPage> first, int most) {
        if (first.size() < most) {
            first.add(page);
        }
    }

    private static PageRequest request(int page) {
        return new PageRequest(RUN, page, SourcePages.PAGE_SIZE, SourcePages.SEED, page, List.of(), null);
    }

    /** The pipeline with pages that were fetched before, PostgreSQL, and a topic that takes everything. */
    void store(List<FetchedPage> pages, int count) throws IOException {
        var at = bench.addresses().postgres().orElseThrow();
        PostgresAddress address = new PostgresAddress(
                at.host(),
                at.port(),
                at.database(),
                at.user(),
                Files.readString(at.passwordFile()).strip());
        Scheduler cpu = Schedulers.newBoundedElastic(2, 2 * SourcePages.AT_ONCE + 16, "page");
        Migrations.apply(address).block(ANSWER);
        try (Postgres postgres = new Postgres(address, LIMITS.connections())) {
            PostgresLedger ledger =
                    new PostgresLedger(postgres, "perf/1", LIMITS.lease(), PageParser::parse, cpu, UUID::randomUUID);
            NewRun run = new NewRun(
                    UUID.randomUUID().toString(),
                    WINDOW,
                    WINDOW.plus(ANSWER),
                    count * SourcePages.PAGE_SIZE,
                    SourcePages.PAGE_SIZE,
                    SourcePages.SEED,
                    List.of(),
                    null);
            ledger.create(run).block(ANSWER);
            IngestPipeline pipeline = new IngestPipeline(
                    asked -> Mono.just(pages.get(asked.page() % pages.size())),
                    ledger,
                    new UserRows(postgres),
                    published -> Mono.empty(),
                    LIMITS,
                    new IngestMetrics(new SimpleMeterRegistry()));
            pipeline.work().take(count).doOnNext(Stations::expectComplete).blockLast(LONGEST);
        } finally {
            cpu.dispose();
        }
    }

    private static void expectComplete(PageEnding ending) {
        Throwable failure = ending.failure();
        if (failure != null) {
            throw new IllegalStateException(ending.lease() + " failed", failure);
        }
    }

    /** Publishes pages that were fetched before. */
    void publish(List<FetchedPage> pages, int count) {
        List<CapturedPage> captured = IntStream.range(0, pages.size())
                .mapToObj(i -> captured(i + 1, pages.get(i)))
                .toList();
        Brokers brokers = Brokers.plain(bench.addresses().kafkaBootstrap().orElseThrow());
        SchemaRegistry registry =
                new SchemaRegistry(bench.addresses().registryUrl().orElseThrow(), ANSWER);
        try (KafkaCluster cluster = new KafkaCluster(brokers, "perf", Topics.USERS);
                UserTopic topic = new UserTopic(
                        brokers, "perf", Topics.USERS, cluster, registry, PRODUCER_BYTES, SourcePages.AT_ONCE)) {
            Flux.range(0, count)
                    .flatMap(page -> topic.deliver(captured.get(page % captured.size())), SourcePages.AT_ONCE, 1)
                    .blockLast(LONGEST);
        }
    }

    private static CapturedPage captured(int page, FetchedPage fetched) {
        Lease lease = new Lease(request(page), 1, true, WINDOW, WINDOW.plus(ANSWER));
        return CapturedPage.of(lease, WINDOW, fetched.users());
    }
}
