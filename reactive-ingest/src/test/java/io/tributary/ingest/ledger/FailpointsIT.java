package io.tributary.ingest.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tributary.ingest.Failpoint;
import io.tributary.ingest.Failpoints;
import io.tributary.ingest.metrics.IngestMetrics;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.CapturedPage.EncodedEvent;
import io.tributary.ingest.model.FetchedPage;
import io.tributary.ingest.model.Limits;
import io.tributary.ingest.model.NewRun;
import io.tributary.ingest.model.PageRequest;
import io.tributary.ingest.model.PageSum;
import io.tributary.ingest.model.ParsedPage;
import io.tributary.ingest.model.PlacedUser;
import io.tributary.ingest.model.RunState;
import io.tributary.ingest.pipeline.IngestPipeline;
import io.tributary.ingest.pipeline.Pages;
import io.tributary.ingest.sink.PageSink;
import io.tributary.ingest.sink.postgres.UserRows;
import io.tributary.ingest.source.PageSource;
import io.tributary.schemas.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Every call of a worker to the outside fails once, before and after its effect: it throws, it happens when the lease is long
 * over, or it is the last thing that the worker ever does. Another one goes on. The pipeline, the ledger and the rows are the
 * service's, on a real PostgreSQL; the topic is a log in memory, and the source answers differently every time.
 */
@Execution(ExecutionMode.CONCURRENT)
class FailpointsIT {
    private static final Duration LEASE = Duration.ofMillis(1_200);
    private static final Limits LIMITS = new Limits(2, 1024, 1024, LEASE, Duration.ofSeconds(30), 4);
    private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");
    private static final int PAGES = 3;
    private static final int PAGE_USERS = 2;

    static Stream<Failpoint> failpoints() {
        return Failpoint.all();
    }

    @TempDir
    static Path dir;

    private static LedgerUnderTest under;

    /** The topic: bodies by page and position. More than one for a place is a divergence. */
    private final Map<String, Set<String>> log = new ConcurrentHashMap<>();

    private final AtomicInteger answers = new AtomicInteger();
    private final AtomicBoolean hit = new AtomicBoolean();
    private final AtomicBoolean dead = new AtomicBoolean();
    private final AtomicInteger late = new AtomicInteger();

    @BeforeAll
    static void startPostgres() throws IOException {
        under = LedgerUnderTest.start(dir);
    }

    @AfterAll
    static void stopPostgres() {
        under.close();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failpoints")
    @Execution(ExecutionMode.SAME_THREAD) // on one database, one after the other
    void everyRunEndsReconciled(Failpoint failpoint) {
        // Given
        under.empty();
        UUID run = under.ledger("plan/1", LEASE)
                .create(new NewRun(
                        "key", START, START.plusSeconds(300), PAGES * PAGE_USERS, PAGE_USERS, null, List.of(), null))
                .block()
                .run()
                .id();
        // When
        List<Disposable> workers = new ArrayList<>();
        try {
            workers.add(failing(failpoint).work().subscribe());
            await().untilTrue(hit);
            PostgresLedger next = under.ledger(failpoint.action() == Failpoint.Action.HALT ? "one/2" : "two/1", LEASE);
            next.freeFormerLives().block();
            workers.add(pipeline(next, this::fetched, new UserRows(under.postgres), this::published)
                    .work()
                    .subscribe());
            // Then
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                assertThat(next.run(run).block().state()).isEqualTo(RunState.COMPLETE);
                assertThat(late).hasValue(0);
            });
            assertReconciled(next, run);
        } finally {
            workers.forEach(Disposable::dispose);
        }
    }

    private void assertReconciled(PostgresLedger ledger, UUID run) {
        List<PageSum> sums = ledger.captured(run, 1, PAGES).collectList().block();
        assertThat(sums).hasSize(PAGES);
        assertThat(log).hasSize(PAGES * PAGE_USERS);
        assertThat(log.values()).allSatisfy(bodies -> assertThat(bodies).hasSize(1));
        for (PageSum sum : sums) {
            Digest published = Digest.EMPTY;
            for (int position = 0; position < PAGE_USERS; position++) {
                String body = log.get(sum.page() + "/" + position).iterator().next();
                published = published.plus(Digest.hashOf(HexFormat.of().parseHex(body)));
            }
            assertThat(published).isEqualTo(sum.digest());
            CapturedPage original = ledger.original(run, sum.page()).block();
            List<String> expected = original.events().stream()
                    .map(one ->
                            one.event().position() + " " + one.event().user().userId())
                    .toList();
            assertThat(under.text("select string_agg(position || ' ' || user_id, ',' order by position) from users"
                            + " where page = " + sum.page()))
                    .isEqualTo(String.join(",", expected));
        }
    }

    /** A worker whose call fails at the point. */
    private IngestPipeline failing(Failpoint point) {
        Failpoints points = new InThisProcess();
        points.arm(point);
        return pipeline(
                points.ledger(under.ledger("one/1", LEASE)),
                points.source(this::fetched),
                points.rows(new UserRows(under.postgres)),
                points.topic(this::published));
    }

    /** A halted worker's calls never come to anything; a pause is a call whose effect comes one and a half leases later. */
    private final class InThisProcess extends Failpoints {
        InThisProcess() {
            super(LEASE);
        }

        @Override
        protected void struck(Failpoint point) {
            hit.set(true);
        }

        @Override
        protected <T> Mono<T> pass(Mono<T> real) {
            return dead.get() ? Mono.never() : real;
        }

        @Override
        protected <T> Mono<T> halt(Failpoint point, Mono<T> real) {
            dead.set(!point.after());
            return point.after() ? real.doFinally(done -> dead.set(true)).then(Mono.never()) : Mono.never();
        }

        @Override
        protected <T> Mono<T> pause(Failpoint point, Mono<T> real) {
            late.incrementAndGet();
            Duration pause = LEASE.multipliedBy(3).dividedBy(2);
            Mono<T> paused = point.after()
                    ? real.materialize().delayElement(pause).dematerialize()
                    : Mono.delay(pause).then(real);
            Mono<T> uncancelled =
                    paused.doFinally(done -> late.decrementAndGet()).cache();
            uncancelled.subscribe(done -> {}, refused -> {});
            return uncancelled;
        }
    }

    private static IngestPipeline pipeline(RunLedger ledger, PageSource source, PageSink rows, PageSink topic) {
        return new IngestPipeline(source, ledger, rows, topic, LIMITS, new IngestMetrics(new SimpleMeterRegistry()));
    }

    /** Other users each time. */
    private Mono<FetchedPage> fetched(PageRequest request) {
        return Mono.fromSupplier(() -> {
            int answer = answers.incrementAndGet();
            List<PlacedUser> users = new ArrayList<>();
            for (int position = 0; position < request.pageUsers(); position++) {
                users.add(new PlacedUser(position, Pages.user(answer, position)));
            }
            return under.answer(new FetchedPage(
                    ("answer " + answer).getBytes(StandardCharsets.UTF_8), new ParsedPage(users, List.of())));
        });
    }

    private Mono<Void> published(CapturedPage page) {
        return Flux.fromIterable(page.events()).doOnNext(this::append).then();
    }

    private void append(EncodedEvent record) {
        log.computeIfAbsent(
                        record.event().page() + "/" + record.event().position(), place -> ConcurrentHashMap.newKeySet())
                .add(HexFormat.of().formatHex(record.body()));
    }
}
