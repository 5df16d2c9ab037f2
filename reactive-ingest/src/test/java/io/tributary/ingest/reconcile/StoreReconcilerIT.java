package io.tributary.ingest.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tributary.ingest.model.IngestException.ReadFailed;
import io.tributary.ingest.reconcile.Reconciliation.Drift;
import io.tributary.ingest.reconcile.Reconciliation.Phantom;
import io.tributary.ingest.reconcile.Windows.Group;
import io.tributary.ingest.reconcile.Windows.WindowCounts;
import io.tributary.schemas.Brokers;
import io.tributary.schemas.Digest;
import io.tributary.schemas.UserEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** Every kind of drift, planted in real stores. Each test has a run of its own; all share the servers. */
class StoreReconcilerIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    static Path dir;

    private static PlantedStores stores;
    private static CassandraSession cassandra;
    private static Scheduler cpu;
    private static Scheduler blocking;

    private final Sample sample = Sample.of(250, 100);
    private final UUID run = sample.run().id();

    @BeforeAll
    static void startServers() throws IOException, SQLException {
        stores = new PlantedStores(dir);
        cassandra = new CassandraSession(stores.cassandra(), stores.datacenter());
        cpu = Schedulers.newParallel("reconcile", 1, true);
        blocking = Schedulers.newBoundedElastic(1, 4, "reconcile-kafka", 60, true);
    }

    @AfterAll
    static void stopServers() throws SQLException {
        cassandra.close();
        cpu.dispose();
        blocking.dispose();
        stores.close();
    }

    @Test
    void aRunThatIsTheSameEverywhereIsEqualToTheLastField() {
        // Given
        stores.plant(sample);
        Sample nobodys = Sample.of(20, 10); // the ledger of this test knows the other one alone
        stores.plant(nobodys);
        // When
        Reconciliation result = reconciled(true);
        // Then
        assertThat(result.drift()).isEmpty();
        assertThat(result.equal()).isTrue();
        assertThat(List.of(result.postgres(), result.kafka(), result.cassandra()))
                .containsOnly(sample.digest());
        assertThat(result.kafkaRecords()).isEqualTo(250);
        assertThat(result.phantoms()).contains(new Phantom(nobodys.run().id(), 20));
    }

    @Test
    void changedAndLostRowsInPostgresAreNamed() {
        // Given
        stores.plant(sample);
        stores.update("update users set city = 'Elsewhere' where run_id = ? and page = 2 and position = 17", run);
        stores.update("update users set born_at = 'infinity' where run_id = ? and page = 2 and position = 18", run);
        stores.update(
                "update users set latitude = latitude + 1e-14 where run_id = ? and page = 2 and position = 21", run);
        stores.update(
                "update users set title = '' where run_id = ? and page = 2 and title is null and position = 23", run);
        stores.update("delete from users where run_id = ? and page = 1 and position = 99", run);
        stores.update("delete from users where run_id = ? and page = 3", run);
        stores.update("update users set position = 100 where run_id = ? and page = 2 and position = 40", run);
        // When
        Reconciliation result = reconciled(false);
        // Then
        assertThat(result.drift())
                .containsExactly(
                        new Drift("postgres", 1, 99, "user missing"),
                        new Drift("postgres", 2, 17, "user differs"),
                        new Drift("postgres", 2, 18, "user holds values that fit no event"),
                        new Drift("postgres", 2, 21, "user differs"),
                        new Drift("postgres", 2, 23, "user differs"),
                        new Drift("postgres", 2, 40, "user missing"),
                        new Drift("postgres", 2, 100, "position outside of the page of 100"),
                        new Drift("postgres", 3, null, "page missing: 0 of 50 users"));
        assertThat(result.driftTotal()).isEqualTo(8);
        assertThat(result.postgres().users()).isEqualTo(199);
        assertThat(result.kafka()).isEqualTo(sample.digest());
    }

    @Test
    void rowsOfAPageThatNobodyCapturedAreNamed() {
        // Given
        stores.plant(sample);
        Sample longer = Sample.of(run, 450, 100);
        stores.rows(longer.events(5));
        // When
        Reconciliation result = reconciled(false);
        // Then
        assertThat(result.drift())
                .containsExactly(new Drift("postgres", 5, null, "page that the ledger has not captured: 50 users"));
    }

    @Test
    void aRecordPublishedTwiceIsCountedAndOnlyDriftWithAnotherBody() {
        // Given
        stores.plant(sample);
        stores.publish(List.of(sample.event(1, 5), sample.event(2, 6), sample.event(2, 6, "Other")));
        // When
        Reconciliation result = reconciled(false);
        // Then
        assertThat(result.drift()).containsExactly(new Drift("kafka", 2, 6, "two different records"));
        assertThat(result.kafkaRecords()).isEqualTo(253);
        assertThat(result.kafka().users()).isEqualTo(250);
        assertThat(result.equal()).isFalse();
    }

    @Test
    void recordsRepeatedAsTheyWereAreNoDrift() {
        // Given
        stores.plant(sample);
        stores.publish(sample.events(1));
        stores.publish(Instant.now(), "no event".getBytes(StandardCharsets.UTF_8));
        // When
        Reconciliation result = reconciled(false);
        // Then
        assertThat(result.equal()).isTrue();
        assertThat(result.kafkaRecords()).isEqualTo(350);
    }

    @Test
    void changedPageSumsInCassandraAreNamedWithWhatBothSay() {
        // Given
        stores.plant(sample);
        Digest first = sample.content(1).digest();
        stores.cql("update page_sums set users = 99 where run_id = ? and page = 1", run);
        stores.cql("delete from page_sums where run_id = ? and page = 2", run);
        stores.cql("update page_sums set digest = 0 where run_id = ? and page = 3", run);
        stores.cql("update page_sums set users = 1, digest = 7 where run_id = ? and page = 4", run);
        // When
        Reconciliation result = reconciled(false);
        // Then
        assertThat(result.drift())
                .containsExactly(
                        new Drift(
                                "cassandra",
                                1,
                                null,
                                "page sum differs: 99 users, digest " + first.hex() + "; ledger " + first),
                        new Drift("cassandra", 2, null, "page missing: 0 of 100 users"),
                        new Drift(
                                "cassandra",
                                3,
                                null,
                                "page sum differs: 50 users, digest 0000000000000000; ledger "
                                        + sample.content(3).digest()),
                        new Drift("cassandra", 4, null, "page that the ledger has not captured: 1 users"));
        assertThat(result.cassandra().users()).isEqualTo(99 + 50 + 1);
    }

    @Test
    void aWindowThatLostUsersOfAPageIsNamed() {
        // Given
        stores.plant(sample);
        stores.cql(
                "delete from window_users where window_start = ? and nationality = 'FR' and gender = 'male' and run_id"
                        + " = ? and page = 2",
                Sample.WINDOW_START,
                run);
        // When
        Reconciliation result = reconciled(false);
        // Then: every tenth user of the page is male and French
        assertThat(result.drift())
                .containsExactly(new Drift(
                        "cassandra", 2, null, "window_users: the page's windows hold 90 of its 100 counted users"));
    }

    @Test
    void aUserChangedOrDeletedInCassandraIsNamedByTheDeepComparisonOnly() {
        // Given
        stores.plant(sample);
        UserEvent changed = sample.event(1, 30);
        UserEvent deleted = sample.event(3, 49);
        stores.cql(
                "update users_by_id set last_name = 'Other', age = null where user_id = ? and run_id = ? and page = 1"
                        + " and position = 30",
                changed.user().userId(),
                run);
        stores.cql(
                "delete from users_by_id where user_id = ? and run_id = ? and page = 3 and position = 49",
                deleted.user().userId(),
                run);
        // When
        Reconciliation bySums = reconciled(false);
        Reconciliation deep = reconciled(true);
        // Then
        assertThat(bySums.equal()).isTrue();
        assertThat(deep.equal()).isFalse();
        assertThat(deep.drift())
                .containsExactly(
                        new Drift("cassandra", 1, 30, "users_by_id: last_name, age differ"),
                        new Drift("cassandra", 3, 49, "users_by_id: missing"));
    }

    @Test
    void aStoreThatDoesNotAnswerIsNamed() {
        // Given
        CassandraSession nobody = new CassandraSession("127.0.0.1:1", stores.datacenter());
        StoreReconciler reconciler = reconciler(nobody, stores.kafka());
        // When
        StepVerifier.create(reconciler.reconcile(sample.run(), false))
                // Then
                .verifyErrorSatisfies(
                        e -> assertThat(e).isInstanceOf(ReadFailed.class).hasMessageStartingWith("cassandra"));
        nobody.close();
    }

    @Test
    void aBrokerThatNeverAnswersIsNamedAndACancelFreesItsThread() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            // Given
            String nobody = "127.0.0.1:" + silent.getLocalPort();
            StepVerifier.create(kafka(nobody, Duration.ofSeconds(1)).read(sample.slice()))
                    .verifyErrorSatisfies(
                            e -> assertThat(e).isInstanceOf(ReadFailed.class).hasMessageStartingWith("kafka"));
            Disposable waiting =
                    kafka(nobody, Duration.ofMinutes(10)).read(sample.slice()).subscribe();
            // When
            waiting.dispose();
            // Then: the only thread serves the next one
            StepVerifier.create(kafka(stores.kafka(), PATIENCE).read(sample.slice()))
                    .expectComplete()
                    .verify(PATIENCE);
        }
    }

    @Test
    void aTopicThatIsNotThereIsNamed() {
        // Given
        KafkaRecords nowhere =
                new KafkaRecords(Brokers.plain(stores.kafka()), "no.such.topic", stores.registry, blocking, PATIENCE);
        // When
        StepVerifier.create(nowhere.read(sample.slice()))
                // Then
                .verifyErrorSatisfies(
                        e -> assertThat(e).isInstanceOf(ReadFailed.class).hasMessageStartingWith("kafka"));
    }

    @Test
    void countedUsersAreTheSumOfTheRunsPagesAndZeroBeforeAny() {
        // Given
        CountedUsers counted = new CassandraCounts(cassandra);
        Long before = counted.counted(run).block();
        // When
        stores.plant(sample);
        // Then
        assertThat(before).isZero();
        assertThat(counted.counted(run).block()).isEqualTo(250);
    }

    @Test
    void theNewestWindowsComeFirstWithTheirGroupsSummedUp() {
        // Given
        Instant today = Instant.parse("2020-03-01T00:00:30Z");
        Sample other = Sample.of(20, 10);
        stores.window(Instant.parse("2020-03-01T00:00:00Z"), other, 1);
        stores.window(Instant.parse("2020-02-29T23:59:00Z"), other, 1);
        stores.window(Instant.parse("2020-02-29T23:59:00Z"), other, 2);
        stores.window(Instant.parse("2020-02-29T23:58:00Z"), other, 1);
        stores.window(Instant.parse("2019-01-01T00:00:00Z"), other, 1);
        CassandraWindows windows = new CassandraWindows(cassandra, InstantSource.fixed(today));
        // When
        List<WindowCounts> two =
                windows.latest(WindowQuery.counted(2)).collectList().block();
        List<WindowCounts> many =
                windows.latest(WindowQuery.counted(1_000)).collectList().block();
        // Then
        assertThat(two)
                .extracting(WindowCounts::windowStart)
                .containsExactly(Instant.parse("2020-03-01T00:00:00Z"), Instant.parse("2020-02-29T23:59:00Z"));
        assertThat(two.get(1).groups())
                .containsExactly(
                        new Group("FR", "female", 8, 4, 4 * 71),
                        new Group("FR", "male", 2, 2, 2 * 71),
                        new Group("UA", "female", 8, 8, 8 * 71),
                        new Group("UA", "male", 2, 0, 0));
        assertThat(many).hasSize(3);
    }

    @Test
    void longerAndSlidingWindowsAreSummedUpAsTheyAreRead() {
        // Given
        Sample other = Sample.of(20, 10);
        stores.countedWindows(Duration.ofMinutes(1));
        for (String minute : List.of("2021-03-01T10:00:00Z", "2021-03-01T10:09:00Z", "2021-03-01T10:10:00Z")) {
            stores.window(Instant.parse(minute), other, 1);
        }
        CassandraWindows windows =
                new CassandraWindows(cassandra, InstantSource.fixed(Instant.parse("2021-03-01T10:20:00Z")));
        // When
        List<WindowCounts> sliding = windows.latest(
                        new WindowQuery(3, Optional.of(Duration.ofMinutes(20)), Optional.of(Duration.ofMinutes(10))))
                .collectList()
                .block();
        List<WindowCounts> hour = windows.latest(new WindowQuery(3, Optional.of(Duration.ofHours(1)), Optional.empty()))
                .collectList()
                .block();
        // Then
        long page = 10;
        assertThat(sliding)
                .extracting(
                        WindowCounts::windowStart,
                        window ->
                                window.groups().stream().mapToLong(Group::users).sum())
                .containsExactly(
                        tuple(Instant.parse("2021-03-01T10:10:00Z"), page),
                        tuple(Instant.parse("2021-03-01T10:00:00Z"), 3 * page),
                        tuple(Instant.parse("2021-03-01T09:50:00Z"), 2 * page));
        assertThat(hour).hasSize(1);
    }

    private Reconciliation reconciled(boolean deep) {
        return reconciler(cassandra, stores.kafka())
                .reconcile(sample.run(), deep)
                .block();
    }

    /** Over the real stores; what was captured is the sample itself. */
    private StoreReconciler reconciler(CassandraSession session, String bootstrap) {
        return new StoreReconciler(
                new SampleLedger(sample),
                new PostgresRows(stores.postgres, cpu, PATIENCE),
                kafka(bootstrap, PATIENCE),
                new CassandraSums(session),
                new CassandraUsers(session),
                List.of());
    }

    private static KafkaRecords kafka(String bootstrap, Duration patience) {
        return new KafkaRecords(Brokers.plain(bootstrap), PlantedStores.TOPIC, stores.registry, blocking, patience);
    }
}
