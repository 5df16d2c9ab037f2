package io.tributary.ingest.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tributary.ingest.metrics.IngestMetrics;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.CapturedPage.EncodedEvent;
import io.tributary.ingest.model.FetchedPage;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.PublishFailed;
import io.tributary.ingest.model.IngestException.StoreFailed;
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
import java.lang.reflect.Proxy;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Every call of a worker to the outside fails once, before and after its effect: it throws, it happens when the lease is long
 * over, or it is the last thing that the worker ever does. Another one goes on. The pipeline, the ledger and the rows are the
 * service's, on a real PostgreSQL; the topic is a log in memory, and the source answers differently every time.
 */
class FailpointsIT {
    private static final Duration LEASE = Duration.ofMillis(1_200);
    private static final Limits LIMITS = new Limits(2, 1024, 1024, LEASE, Duration.ofSeconds(30), 4);
    private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");
    private static final int PAGES = 3;
    private static final int PAGE_USERS = 2;

    private enum Call {
        LEASE,
        FETCH,
        CAPTURE,
        READ_BACK,
        STORE,
        PUBLISH,
        COMPLETE,
        RENEW,
        GIVE_BACK
    }

    private enum Action {
        /** As a kill -9: nothing of this worker happens any more. Its next life starts. */
        HALT,
        /** As a SIGSTOP: the effect comes when the lease is over, whatever the worker decided meanwhile. */
        PAUSE,
        THROW
    }

    private record Failpoint(Call call, boolean after, Action action) {
        @Override
        public String toString() {
            return action + (after ? " after " : " before ") + call;
        }
    }

    static Stream<Arguments> failpoints() {
        return Stream.of(Call.values())
                .flatMap(call -> Stream.of(Action.values())
                        .flatMap(action ->
                                Stream.of(false, true).map(after -> Arguments.of(new Failpoint(call, after, action)))));
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
    private final AtomicBoolean firstPublish = new AtomicBoolean(true);

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
            PostgresLedger next = under.ledger(failpoint.action() == Action.HALT ? "one/2" : "two/1", LEASE);
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

    /** A worker whose call fails at the point. What must happen first, so that the call is made at all, is arranged. */
    private IngestPipeline failing(Failpoint point) {
        PostgresLedger ledger = under.ledger("one/1", LEASE);
        RunLedger decorated = (RunLedger) Proxy.newProxyInstance(
                RunLedger.class.getClassLoader(), new Class<?>[] {RunLedger.class}, (proxy, method, arguments) -> {
                    Mono<?> real = (Mono<?>) method.invoke(ledger, arguments);
                    Call call = switch (method.getName()) {
                        case "lease" -> Call.LEASE;
                        case "renew" -> Call.RENEW;
                        case "capture" -> Call.CAPTURE;
                        case "readBack" -> Call.READ_BACK;
                        case "complete" -> Call.COMPLETE;
                        case "giveBack" -> Call.GIVE_BACK;
                        default -> null;
                    };
                    return at(point, call, real);
                });
        UserRows rows = new UserRows(under.postgres);
        return pipeline(
                decorated,
                request -> at(point, Call.FETCH, fetched(request)),
                page -> at(point, Call.STORE, rows.deliver(page)),
                page -> at(point, Call.PUBLISH, arranged(point.call(), page)));
    }

    private Mono<Void> arranged(Call call, CapturedPage page) {
        boolean needsFailure = call == Call.READ_BACK || call == Call.GIVE_BACK;
        if (needsFailure && firstPublish.getAndSet(false)) {
            return Mono.error(new PublishFailed(Kind.TRANSIENT, "arranged", null));
        }
        return call == Call.RENEW && firstPublish.getAndSet(false)
                ? Mono.delay(LEASE.dividedBy(2)).then(published(page))
                : published(page);
    }

    private <T> Mono<T> at(Failpoint point, Call call, Mono<T> real) {
        return Mono.defer(() -> {
            if (dead.get()) {
                return Mono.never();
            }
            if (call != point.call() || !hit.compareAndSet(false, true)) {
                return real;
            }
            return switch (point.action()) {
                case THROW -> {
                    Mono<T> failure = Mono.error(new StoreFailed(Kind.TRANSIENT, point.toString(), null));
                    yield point.after() ? real.then(failure) : failure;
                }
                case HALT -> {
                    dead.set(!point.after());
                    yield point.after() ? real.doFinally(done -> dead.set(true)).then(Mono.never()) : Mono.never();
                }
                case PAUSE -> {
                    late.incrementAndGet();
                    Mono<T> paused = point.after()
                            ? real.materialize()
                                    .delayElement(LEASE.multipliedBy(3).dividedBy(2))
                                    .<T>dematerialize()
                            : Mono.delay(LEASE.multipliedBy(3).dividedBy(2)).then(real);
                    Mono<T> uncancelled =
                            paused.doFinally(done -> late.decrementAndGet()).cache();
                    uncancelled.subscribe(done -> {}, refused -> {});
                    yield uncancelled;
                }
            };
        });
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
