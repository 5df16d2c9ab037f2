package io.tributary.ingest;

import static io.tributary.ingest.IngestUnderTest.PATIENCE;
import static io.tributary.ingest.IngestUnderTest.TOPIC;
import static io.tributary.ingest.IngestUnderTest.asked;
import static io.tributary.ingest.IngestUnderTest.counted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.ingest.IngestUnderTest.Published;
import io.tributary.ingest.IngestUnderTest.Reply;
import io.tributary.ingest.model.IngestException.PublishFailed;
import io.tributary.ingest.model.NewRun;
import io.tributary.ingest.plan.Plan;
import io.tributary.ingest.plan.Plans;
import io.tributary.ingest.sink.kafka.KafkaCluster;
import io.tributary.ingest.source.RandomUserClient;
import io.tributary.ingest.source.SourceLimits;
import io.tributary.randomuser.Fault;
import io.tributary.randomuser.FaultKind;
import io.tributary.schemas.Brokers;
import io.tributary.schemas.SchemaRegistry;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.scheduler.Schedulers;

/**
 * Runs that are published again and runs that are only tried, asked for at the API of a service on real servers. One run of
 * three pages is ingested first, with one dead letter; then the source would answer otherwise.
 */
class ReplayAndPlanIT {
    private static final int USERS = 250;
    private static final int PAGE_SIZE = 100;
    private static final int PUBLISHED = USERS - 1;
    private static final String UNKNOWN = "/api/v1/runs/00000000-0000-0000-0000-000000000000";

    @TempDir
    static Path dir;

    private static IngestUnderTest ingest;
    private static String run;
    private static List<Published> originals;

    @BeforeAll
    static void ingestARun() throws Exception {
        ingest = new IngestUnderTest(dir);
        ingest.source.faults(Fault.of(FaultKind.BAD_UUID).onPage(2).at(7).always());
        run = "/api/v1/runs/" + ingest.run("first", USERS, PAGE_SIZE, "abc");
        ingest.awaitState(run, "COMPLETE");
        originals = ingest.records(TOPIC);
        ingest.source.today(LocalDate.of(2040, 1, 1)); // all ages of another answer differ
    }

    @AfterAll
    static void stop() throws Exception {
        ingest.close();
    }

    @AfterEach
    void sourceIsWell() {
        ingest.source.faults();
    }

    @Test
    void aReplayIntoAnEmptyTopicGivesTheSameSetOfRecords() throws Exception {
        // Given
        assertThat(ingest.topics()).doesNotContain("users.again");
        long requests = ingest.source.stats().requests();
        // When
        JsonNode replay = replayed(run, "{\"topic\":\"users.again\"}");
        // Then
        assertThat(originals).hasSize(PUBLISHED).allMatch(one -> one.replay().isEmpty());
        List<Published> again = ingest.records("users.again");
        assertThat(counted(again.stream().map(Published::original).toList())).isEqualTo(counted(originals));
        assertThat(again).extracting(Published::replay).containsOnly(header(replay));
        assertThat(replay.get("pages").intValue()).isEqualTo(3);
        assertThat(replay.get("records").intValue()).isEqualTo(PUBLISHED);
        assertThat(ingest.source.stats().requests()).isEqualTo(requests);
    }

    @Test
    void aReplayIntoItsOwnTopicRepeatsEveryRecordOnce() {
        // When
        JsonNode replay = replayed(run, "{}");
        // Then
        assertThat(replay.get("topic").textValue()).isEqualTo(TOPIC);
        List<Published> again = ingest.records(TOPIC).stream()
                .filter(one -> one.replay().equals(header(replay)))
                .toList();
        assertThat(counted(again.stream().map(Published::original).toList())).isEqualTo(counted(originals));
    }

    @Test
    void anUnfinishedRunIsReplayedAsFarAsItIsCaptured() {
        // Given
        ingest.source.faults(Fault.of(FaultKind.STALL).onPage(3).always());
        String unfinished = "/api/v1/runs/" + ingest.run("unfinished", 30, 10, "def");
        await().atMost(PATIENCE)
                .until(() -> ingest.ask(unfinished).at("/pageStates/complete").intValue() == 2);
        // When
        JsonNode replay = replayed(unfinished, "{\"topic\":\"users.unfinished\"}");
        // Then
        assertThat(ingest.ask(unfinished).get("state").textValue()).isEqualTo("RUNNING");
        assertThat(replay.get("pages").intValue()).isEqualTo(2);
        assertThat(replay.get("pagesTotal").intValue()).isEqualTo(3);
        assertThat(ingest.records("users.unfinished")).hasSize(20);
        ingest.source.faults();
        ingest.awaitState(unfinished, "COMPLETE");
    }

    @Test
    void aRunThatThereIsNotIsNotReplayedAndNoTopicIsMade() throws Exception {
        // When
        Reply reply = ingest.post(UNKNOWN + "/replay", "{\"topic\":\"users.nobody\"}");
        // Then
        assertThat(reply.status()).isEqualTo(404);
        assertThat(ingest.topics()).doesNotContain("users.nobody");
    }

    @Test
    void aReplayIntoATopicOfOtherRecordsFailsAndWritesNone() {
        // Given
        registerSomethingElse("orders-value");
        // When
        Reply begun = ingest.post(run + "/replay", "{\"topic\":\"orders\"}");
        JsonNode replay =
                ingest.awaitState("/api/v1/replays/" + begun.json().get("id").textValue(), "FAILED");
        // Then
        assertThat(replay.get("cause").textValue()).isEqualTo("a record was refused");
        assertThat(replay.get("records").intValue()).isZero();
        assertThat(ingest.records("orders")).isEmpty();
    }

    @Test
    void aPlanFetchesOnePageAndWritesNothing() throws Exception {
        // Given
        Map<String, String> before = ingest.written();
        long requests = ingest.source.stats().requests();
        ingest.source.faults(Fault.of(FaultKind.BAD_UUID).onPage(1).always());
        // When
        Reply plan = ingest.post("/api/v1/plans", asked(USERS, PAGE_SIZE, "plan"));
        // Then
        assertThat(plan.status()).isEqualTo(200);
        assertThat(plan.json().get("pages").intValue()).isEqualTo(3);
        assertThat(plan.json().at("/firstPage/asked").intValue()).isEqualTo(PAGE_SIZE);
        assertThat(plan.json().at("/firstPage/users").intValue()).isEqualTo(PAGE_SIZE - 1);
        assertThat(plan.json().at("/firstPage/deadLetters").intValue()).isEqualTo(1);
        assertThat(plan.json().at("/firstPage/bodyBytes").intValue()).isGreaterThan(PAGE_SIZE * 500);
        assertThat(plan.json().at("/schema/subject").textValue()).isEqualTo(TOPIC + "-value");
        assertThat(plan.json().at("/schema/compatible").booleanValue()).isTrue();
        assertThat(ingest.source.stats().requests()).isEqualTo(requests + 1);
        assertThat(before).containsKeys("table run", "topic " + TOPIC);
        assertThat(ingest.written()).isEqualTo(before);
    }

    @Test
    void aPlanSaysWhetherTheSchemaFitsItsSubjectAndRegistersNone() throws Exception {
        // Given
        registerSomethingElse("taken-value");
        Map<String, String> before = ingest.written();
        // When
        boolean free = planFor("free").compatible();
        boolean taken = planFor("taken").compatible();
        // Then
        assertThat(free).isTrue();
        assertThat(taken).isFalse();
        assertThat(ingest.written()).isEqualTo(before);
    }

    @Test
    @Tag("bad-input-7")
    @DisplayName("7 · 200 identical POSTs at once: one run, its pages planned once")
    void twoHundredIdenticalRequestsAtOnceAreOneRun() throws Exception {
        // When
        List<CompletableFuture<Reply>> all = IntStream.range(0, 200)
                .mapToObj(i -> ingest.posted("/api/v1/runs", "same", asked(40, 10, "ghi")))
                .toList();
        List<Reply> replies = all.stream().map(CompletableFuture::join).toList();
        // Then
        assertThat(counted(replies.stream().map(Reply::status).toList())).isEqualTo(Map.of(201, 1L, 200, 199L));
        assertThat(replies)
                .extracting(one -> one.json().get("id"))
                .containsOnly(replies.get(0).json().get("id"));
        String id = replies.get(0).json().get("id").textValue();
        ingest.awaitState("/api/v1/runs/" + id, "COMPLETE");
        assertThat(ingest.texts("select id from run where idempotency_key = 'same'"))
                .containsExactly(id);
        assertThat(ingest.text("select count(*) from page where run_id = '" + id + "'"))
                .isEqualTo("4");
    }

    @Test
    @Tag("bad-input-30")
    @DisplayName("30 · a topic that does not take the largest record: refused and named, before one is lost")
    void aTopicThatTakesTooLittleIsRefused() throws Exception {
        // Given
        ingest.makeTopic("small", Map.of("max.message.bytes", "500000"));
        try (KafkaCluster ours = new KafkaCluster(Brokers.plain(ingest.bootstrap()), "test", TOPIC);
                KafkaCluster small = new KafkaCluster(Brokers.plain(ingest.bootstrap()), "test", "small")) {
            // When
            ours.takesLargestRecord().block(PATIENCE);
            // Then
            assertThatThrownBy(() -> small.takesLargestRecord().block(PATIENCE))
                    .isInstanceOfSatisfying(
                            PublishFailed.class,
                            refused -> assertThat(refused.isTransient()).isFalse())
                    .hasMessageContaining("topic small: its max.message.bytes is 500000, expected 524288 or more");
        }
    }

    /** Its end. */
    private static JsonNode replayed(String ofRun, String body) {
        Reply begun = ingest.post(ofRun + "/replay", body);
        assertThat(begun.status()).as("%s", begun).isEqualTo(202);
        return ingest.awaitState("/api/v1/replays/" + begun.json().get("id").textValue(), "COMPLETE");
    }

    private static Optional<String> header(JsonNode replay) {
        return Optional.of(replay.get("id").textValue());
    }

    private static void registerSomethingElse(String subject) {
        new SchemaRegistry(ingest.registry(), Duration.ofSeconds(10))
                .register(
                        subject,
                        SchemaBuilder.record("Order")
                                .fields()
                                .requiredString("number")
                                .endRecord())
                .join();
    }

    /** As a service with that topic would plan. */
    private static Plan planFor(String topic) {
        Vertx vertx = Vertx.vertx();
        try (RandomUserClient client = new RandomUserClient(
                vertx,
                ingest.source.apiUri(),
                new SourceLimits(4 << 20, Duration.ofSeconds(10), Duration.ofSeconds(10), 1),
                Schedulers.boundedElastic())) {
            Instant start = Instant.parse("2026-01-01T00:00:00Z");
            return new Plans(client, new SchemaRegistry(ingest.registry(), Duration.ofSeconds(10)), topic)
                    .plan(new NewRun(
                            UUID.randomUUID().toString(), start, start.plusSeconds(300), 10, 10, null, List.of(), null))
                    .block(PATIENCE);
        } finally {
            vertx.close();
        }
    }
}
