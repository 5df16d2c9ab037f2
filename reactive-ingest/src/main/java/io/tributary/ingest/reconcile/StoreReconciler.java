package io.tributary.ingest.reconcile;

import io.tributary.ingest.ledger.RunLedger;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.CapturedPage.EncodedEvent;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.ReadFailed;
import io.tributary.ingest.model.IngestException.StoreFailed;
import io.tributary.ingest.model.Run;
import io.tributary.ingest.postgres.Postgres;
import io.tributary.schemas.Brokers;
import io.tributary.schemas.Digest;
import io.tributary.schemas.SchemaRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Ledger, PostgreSQL, Kafka and Cassandra compared. The three stores are read side by side, slice by slice; then the stored
 * responses of the pages that differ tell which users do.
 *
 * <p>Bytes held, at most:
 *
 * <pre>
 * AT_ONCE * ( Slice.MAX_USERS * 9           the slice's hashes from Kafka, bits for places and repeats
 *           + Slice.MAX_PAGES * 600         the ledger's and Cassandra's page sums, Kafka's pages
 *           + 2 * MAX_DRIFT * 5,000 * 9     pages of PostgreSQL and Kafka that wait for their stored response
 *           + 2 * (5.4 MB + 5,000 * 2,400)  stored responses: the one being compared and the next one
 *           + 16 MB )                       one answer of Kafka's, packed and unpacked
 * </pre>
 *
 * <p>That is about 110 MB for the largest runs, and a hundredth of it for a run of 100,000 users. Of a run that is still
 * going on, pages on their way show as drift.
 */
public final class StoreReconciler implements Reconciler, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoreReconciler.class);

    /** Reconciliations at the same time; one more is refused. */
    private static final int AT_ONCE = 2;

    /** Users read by key at the same time; four times as many made writes only a tenth faster. */
    private static final int READS_IN_FLIGHT = 64;

    /** A store that gives nothing for so long is not waited for. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** For one slice of one store, 2 million users at most: seven times what it took on two very busy cores. */
    private static final Duration SLICE_TIMEOUT = Duration.ofMinutes(10);

    private final CapturedPages ledger;
    private final StoreReader postgres;
    private final StoreReader kafka;
    private final PageSums cassandra;
    private final UserLookup users;
    private final List<Scheduler> threads;
    private final AtomicInteger running = new AtomicInteger();

    StoreReconciler(
            CapturedPages ledger,
            StoreReader postgres,
            StoreReader kafka,
            PageSums cassandra,
            UserLookup users,
            List<Scheduler> threads) {
        this.ledger = ledger;
        this.postgres = postgres;
        this.kafka = kafka;
        this.cassandra = cassandra;
        this.users = users;
        this.threads = threads;
    }

    /**
     * Over the real stores. Takes one of the pool's connections for each reconciliation, and now and then a second one
     * through the ledger; never two at once.
     */
    public static StoreReconciler over(
            RunLedger ledger,
            Postgres postgres,
            Brokers brokers,
            String topic,
            SchemaRegistry registry,
            CassandraSession cassandra) {
        Scheduler cpu = Schedulers.newParallel("reconcile", AT_ONCE, true);
        Scheduler blocking = Schedulers.newBoundedElastic(AT_ONCE, 16, "reconcile-kafka", 60, true);
        return new StoreReconciler(
                CapturedPages.of(ledger),
                new PostgresRows(postgres, cpu, PATIENCE),
                new KafkaRecords(brokers, topic, registry, blocking, PATIENCE),
                new CassandraSums(cassandra),
                new CassandraUsers(cassandra),
                List.of(cpu, blocking));
    }

    @Override
    public Mono<Reconciliation> reconcile(Run run, boolean deep) {
        return Mono.using(
                () -> running.incrementAndGet() <= AT_ONCE,
                admitted -> admitted ? compared(run, deep) : Mono.error(tooMany()),
                admitted -> running.decrementAndGet());
    }

    private static ReadFailed tooMany() {
        return new ReadFailed(AT_ONCE + " reconciliations are running already", null);
    }

    private Mono<Reconciliation> compared(Run run, boolean deep) {
        Comparisons comparisons = new Comparisons(run, deep);
        return Slice.of(run, ledger)
                .concatMap(slice -> slice(slice, comparisons).then(deep ? deep(slice, comparisons) : Mono.empty()), 0)
                .then(phantoms(comparisons))
                .then(Mono.fromSupplier(comparisons::result))
                .onErrorMap(
                        StoreFailed.class,
                        e -> new ReadFailed("postgres (ledger) could not be read: " + e.getMessage(), e))
                .doOnNext(StoreReconciler::log);
    }

    /** One question at a time. */
    private Mono<Void> phantoms(Comparisons all) {
        return Flux.defer(() -> Flux.fromIterable(all.others().all()))
                .filterWhen(other -> ledger.knows(other.run()).map(known -> !known), 1)
                .collectList()
                .doOnNext(all::phantoms)
                .then();
    }

    private Mono<Void> slice(Slice slice, Comparisons all) {
        slice.sums().values().forEach(sum -> all.ledger(sum.digest()));
        return Mono.when(
                        read(postgres.store(), all, pages(postgres.read(slice), slice, all.postgres())),
                        read(kafka.store(), all, pages(kafka.read(slice, all.others(slice)), slice, all.kafka())),
                        read(CassandraSession.STORE, all, sums(slice, all.cassandra())))
                .then(pinpointed(slice, all));
    }

    private static Mono<Void> pages(Flux<PageContent> held, Slice slice, Comparison comparison) {
        return held.doOnNext(content -> comparison.page(slice, content))
                .then(Mono.fromRunnable(() -> comparison.end(slice)));
    }

    private Mono<Void> sums(Slice slice, Comparison comparison) {
        return Mono.defer(() -> {
            WindowShares windows = new WindowShares();
            return cassandra
                    .counted(slice)
                    .doOnNext(page -> {
                        comparison.sum(slice, page.page(), page.counted());
                        windows.counted(page);
                    })
                    .thenMany(Flux.defer(() -> cassandra.shares(slice, windows.windows())))
                    .doOnNext(windows::share)
                    .then(Mono.fromRunnable(() -> {
                        windows.compare(slice, comparison);
                        comparison.end(slice);
                    }));
        });
    }

    private static Mono<Void> read(String store, Comparisons all, Mono<Void> reading) {
        return timed(store, all, reading)
                .timeout(SLICE_TIMEOUT)
                .onErrorMap(
                        TimeoutException.class,
                        e -> new ReadFailed(store + " could not be read: not done within " + SLICE_TIMEOUT, e));
    }

    private static Mono<Void> timed(String step, Comparisons all, Mono<Void> work) {
        return Mono.defer(() -> {
            long began = System.nanoTime();
            return work.doOnSuccess(done -> all.took(step, (System.nanoTime() - began) / 1e9));
        });
    }

    /** One stored response at a time. */
    private Mono<Void> pinpointed(Slice slice, Comparisons all) {
        return Flux.defer(() -> Flux.fromIterable(all.suspects()))
                .concatMap(page -> original(slice, page, all)
                        .map(StoreReconciler::hashed)
                        .switchIfEmpty(
                                Mono.fromSupplier(() -> new PageContent(page, 0))) // tells nothing about its users
                        .doOnNext(original -> {
                            all.postgres().pinpoint(original);
                            all.kafka().pinpoint(original);
                        }))
                .then();
    }

    /** A page as it was captured; empty, and drift, when its stored response does not give that page any more. */
    private Mono<CapturedPage> original(Slice slice, int page, Comparisons all) {
        return ledger.original(slice.run().id(), page)
                .onErrorResume(StoreFailed.class, e -> e.kind() == Kind.REJECTED ? Mono.empty() : Mono.error(e))
                .switchIfEmpty(Mono.fromRunnable(() -> all.responseLost(page)));
    }

    private static PageContent hashed(CapturedPage captured) {
        PageContent content = new PageContent(
                captured.lease().request().page(), captured.lease().request().pageUsers());
        captured.events().forEach(event -> content.add(event.event().position(), Digest.hashOf(event.body())));
        return content;
    }

    /** Every user of the captured pages, looked up by key; each look-up has the driver's timeout. */
    private Mono<Void> deep(Slice slice, Comparisons all) {
        Flux<EncodedEvent> captured = Flux.fromStream(
                        () -> slice.sums().keySet().stream().sorted())
                .concatMap(page -> original(slice, page, all), 0)
                .concatMapIterable(CapturedPage::events, 1);
        Mono<Void> looked = captured.flatMap(
                        event -> users.difference(event.event()).map(what -> new Found(event, what)),
                        READS_IN_FLIGHT,
                        1)
                .doOnNext(found -> all.cassandra()
                        .differs(found.event.event().page(), found.event.event().position(), found.what))
                .then();
        return timed(Comparisons.DEEP, all, looked);
    }

    private record Found(EncodedEvent event, String what) {}

    private static void log(Reconciliation result) {
        LOG.info(
                "run={} reconciled equal={} deep={} ledger=\"{}\" postgres=\"{}\" kafka=\"{}\" cassandra=\"{}\" drift={} seconds={}",
                result.run(),
                result.equal(),
                result.deep(),
                result.ledger(),
                result.postgres(),
                result.kafka(),
                result.cassandra(),
                result.driftTotal(),
                result.seconds());
        result.phantoms()
                .forEach(phantom -> LOG.warn(
                        "run={} phantom=true records={} store=kafka: the ledger does not know it",
                        phantom.run(),
                        phantom.records()));
    }

    /** Ends the threads of readings; the stores' connections belong to who gave them. */
    @Override
    public void close() {
        threads.forEach(Scheduler::dispose);
    }
}
