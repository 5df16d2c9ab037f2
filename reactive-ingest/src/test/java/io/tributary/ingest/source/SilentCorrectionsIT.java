package io.tributary.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.embedded.EmbeddedStack;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackListener;
import io.tributary.embedded.StackOptions;
import io.tributary.ingest.ledger.Migrations;
import io.tributary.ingest.ledger.PostgresLedger;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.FetchedPage;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.LeaseLost;
import io.tributary.ingest.model.IngestException.SourceFailed;
import io.tributary.ingest.model.Lease;
import io.tributary.ingest.model.NewRun;
import io.tributary.ingest.model.PageRequest;
import io.tributary.ingest.model.RunState;
import io.tributary.ingest.postgres.EmbeddedPostgres;
import io.tributary.ingest.postgres.Postgres;
import io.tributary.ingest.postgres.PostgresAddress;
import io.tributary.randomuser.RandomUserOptions;
import io.tributary.randomuser.RandomUserServer;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** What the source corrects without a word, and what it answers differently the second time. */
class SilentCorrectionsIT {
    private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

    @TempDir
    Path dir;

    private final Vertx vertx = Vertx.vertx();
    private RandomUserServer randomUser;
    private RandomUserClient client;

    @BeforeEach
    void start() {
        randomUser = RandomUserServer.start(RandomUserOptions.defaults().withoutQuota());
        client = new RandomUserClient(vertx, randomUser.apiUri(), SourceLimits.of(4), Schedulers.boundedElastic());
    }

    @AfterEach
    void stop() {
        client.close();
        randomUser.close();
        vertx.close();
    }

    @Test
    void oneUserForFiveThousandAndOneIsRefused() {
        StepVerifier.create(client.fetch(page(5_001, 1)))
                .verifyErrorSatisfies(e -> assertThat(e)
                        .isInstanceOfSatisfying(
                                SourceFailed.class,
                                refused -> assertThat(refused.kind()).isEqualTo(Kind.REJECTED)));
    }

    @Test
    void pageOneForPageTenThousandAndOneIsRefused() {
        StepVerifier.create(client.fetch(page(10, 10_001)))
                .verifyErrorSatisfies(e -> assertThat(e)
                        .isInstanceOfSatisfying(
                                SourceFailed.class,
                                refused -> assertThat(refused.kind()).isEqualTo(Kind.REJECTED)));
    }

    @Test
    void theLastPageOfASeedIsTaken() {
        StepVerifier.create(client.fetch(page(10, 10_000)))
                .assertNext(fetched -> assertThat(fetched.users().users()).hasSize(10))
                .verifyComplete();
    }

    /** The first worker captures; the second, which fetched the day after, is refused and reads back what was captured. */
    @Test
    void otherPeopleTheSecondTimeDoNotChangeACapturedPage() throws Exception {
        try (EmbeddedStack stack = EmbeddedStack.start(
                StackOptions.of(Path.of("..")).withDataDir(dir).withParts(Set.of(Part.POSTGRES)),
                StackListener.SILENT)) {
            // Given
            PostgresAddress address = EmbeddedPostgres.addressOf(stack);
            Migrations.apply(address).block();
            try (Postgres postgres = new Postgres(address, 4)) {
                PostgresLedger hasty = ledger(postgres, "hasty/1", Duration.ofMillis(1));
                PostgresLedger other = ledger(postgres, "other/1", Duration.ofMinutes(1));
                hasty.create(new NewRun("key", START, START.plusSeconds(300), 500, 500, "abc", List.of(), null))
                        .block();
                Lease zombies = hasty.lease(true).block();
                randomUser.today(LocalDate.parse("2026-11-22"));
                FetchedPage first = client.fetch(zombies.request()).block();
                randomUser.today(LocalDate.parse("2027-11-21"));
                FetchedPage second = client.fetch(zombies.request()).block();
                assertThat(second.body()).isNotEqualTo(first.body());
                // When
                Lease taken = other.lease(true)
                        .repeatWhenEmpty(tries -> tries.delayElements(Duration.ofMillis(5)))
                        .block();
                CapturedPage captured = other.capture(taken, second).block();
                StepVerifier.create(hasty.capture(zombies, first)).verifyError(LeaseLost.class);
                // Then
                CapturedPage readBack = other.readBack(taken).block();
                assertThat(readBack.digest()).isEqualTo(captured.digest());
                assertThat(other.run(taken.request().runId()).block().state()).isEqualTo(RunState.RUNNING);
            }
        }
    }

    private static PostgresLedger ledger(Postgres postgres, String holder, Duration lease) {
        return new PostgresLedger(
                postgres, holder, lease, PageParser::parse, Schedulers.boundedElastic(), UUID::randomUUID);
    }

    private static PageRequest page(int users, int sourcePage) {
        return new PageRequest(UUID.randomUUID(), 1, users, "abc", sourcePage, List.of(), null);
    }
}
