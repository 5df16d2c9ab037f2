package io.tributary.ingest.source.pace;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.embedded.EmbeddedStack;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackListener;
import io.tributary.embedded.StackOptions;
import io.tributary.ingest.ledger.Migrations;
import io.tributary.ingest.model.PageRequest;
import io.tributary.ingest.postgres.EmbeddedPostgres;
import io.tributary.ingest.postgres.Postgres;
import io.tributary.ingest.postgres.PostgresAddress;
import io.tributary.ingest.source.RandomUserClient;
import io.tributary.ingest.source.SourceLimits;
import io.tributary.randomuser.RandomUserOptions;
import io.tributary.randomuser.RandomUserServer;
import io.tributary.randomuser.Stats;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Instances behind one address that share their pace in a real PostgreSQL, against the stand-in and its unannounced quota. */
@Execution(ExecutionMode.CONCURRENT)
class PacedSourceIT {
    private static final Logger LOG = LoggerFactory.getLogger(PacedSourceIT.class);
    private static final int SLOTS = 4;
    /** From one page to the next. */
    private static final Duration FINISHES = Duration.ofSeconds(60);

    private static final Duration REQUEST = Duration.ofSeconds(10);

    @TempDir
    static Path dir;

    private static EmbeddedStack stack;
    private static PostgresAddress address;
    private static Vertx vertx;

    @BeforeAll
    static void startPostgres() throws Exception {
        stack = EmbeddedStack.start(
                StackOptions.of(Path.of("..")).withDataDir(dir).withParts(Set.of(Part.POSTGRES)), StackListener.SILENT);
        address = EmbeddedPostgres.addressOf(stack);
        Migrations.apply(address).block();
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        vertx.close();
        stack.close();
    }

    /** Windows shorter than the real ones by a hundred, and small, so that a busy machine can take them as well. */
    @Test
    void whatTwoInstancesLearnedIsTakenByTheNextTwoThatAreHardlyEverRefused() {
        try (RandomUserServer server = server(2_000, Duration.ofSeconds(3))) {
            // Given
            used(server, 100, Duration.ofSeconds(24));
            // When: 6 windows of 20 requests, however slow the machine is
            Used used = used(server, 100, pages -> pages.take(120).timeout(FINISHES));
            // Then
            assertThat(used.refused()).isLessThanOrEqualTo(10);
        }
    }

    @Test
    @Tag("chaos")
    void tenWindowsOfTwentyThousandUsersInTenSeconds() {
        try (RandomUserServer server = server(20_000, Duration.ofSeconds(10))) {
            // When
            Used used = used(server, 500, Duration.ofSeconds(100));
            // Then
            assertThat(used.refusedShare()).isLessThanOrEqualTo(0.05);
            assertThat(used.users()).isGreaterThanOrEqualTo((long) (10 * 20_000 * 0.95));
        }
    }

    @Test
    @Tag("chaos")
    void twoPagesASecondForAHundredSeconds() {
        try (RandomUserServer server = server(1_000, Duration.ofSeconds(1))) {
            // When
            Used used = used(server, 500, Duration.ofSeconds(100));
            // Then
            assertThat(used.refusedShare()).isLessThanOrEqualTo(0.05);
            assertThat(used.users()).isGreaterThanOrEqualTo((long) (100 * 1_000 * 0.95));
        }
    }

    @Test
    void manyAtOnceCountEveryPermit() {
        // Given
        try (Postgres postgres = new Postgres(address, 8)) {
            PostgresPace pace = new PostgresPace(postgres, "http://many.invalid/", REQUEST);
            // When
            List<Pace.Answer> answers = Flux.range(0, 200)
                    .flatMap(n -> pace.ask(10), 8)
                    .collectList()
                    .block();
            // Then
            assertThat(answers).hasSize(200).allMatch(Pace.Permit.class::isInstance);
            assertThat(pace.<Long>use((row, now) -> row.users).block()).isEqualTo(2_000);
        }
    }

    private record Used(long requests, long refused, long users) {
        double refusedShare() {
            return (double) refused / requests;
        }
    }

    /** Two instances with all their slots busy for so long. */
    private static Used used(RandomUserServer server, int pageUsers, Duration time) {
        return used(server, pageUsers, pages -> pages.take(time));
    }

    /** Two instances with all their slots busy until so many pages came. */
    private static Used used(RandomUserServer server, int pageUsers, UnaryOperator<Flux<Integer>> until) {
        server.clearStats();
        try (Postgres one = new Postgres(address, 4);
                Postgres other = new Postgres(address, 4);
                RandomUserClient first = client(server);
                RandomUserClient second = client(server)) {
            until.apply(Flux.merge(
                            slots(paced(first, one, server), pageUsers),
                            slots(paced(second, other, server), pageUsers)))
                    .blockLast();
            Stats stats = server.stats();
            Used used = new Used(stats.requests(), stats.refused(), stats.usersAsked());
            LOG.info("event=quota_used page_users={} {}", pageUsers, used);
            return used;
        }
    }

    private static Flux<Integer> slots(PacedSource source, int pageUsers) {
        Mono<Integer> fetched = Mono.defer(
                        () -> source.fetch(new PageRequest(UUID.randomUUID(), 1, pageUsers, "abc", 1, List.of(), null)))
                .map(page -> page.users().users().size())
                .onErrorResume(e -> Mono.delay(Duration.ofMillis(50)).then(Mono.empty()));
        return Flux.range(0, SLOTS).flatMap(slot -> fetched.repeat(), SLOTS, 1);
    }

    private static PacedSource paced(RandomUserClient client, Postgres postgres, RandomUserServer server) {
        return new PacedSource(
                client,
                new PostgresPace(postgres, server.apiUri().toString(), REQUEST),
                SLOTS,
                Duration.ofSeconds(10),
                Schedulers.parallel(),
                () -> 0.5,
                PaceListener.NONE);
    }

    private static RandomUserServer server(int quota, Duration window) {
        return RandomUserServer.start(
                RandomUserOptions.defaults().withQuota(quota, window).withPreparedBytes(64 << 20));
    }

    private static RandomUserClient client(RandomUserServer server) {
        return new RandomUserClient(vertx, server.apiUri(), SourceLimits.of(SLOTS), Schedulers.boundedElastic());
    }
}
