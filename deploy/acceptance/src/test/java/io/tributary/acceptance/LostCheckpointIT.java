package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.embedded.EmbeddedStack.Part;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The worst morning of the stream, with a real ingest that has the originals; {@code -Pchaos}. */
@EnabledIfSystemProperty(named = "chaos.long", matches = "true")
class LostCheckpointIT {
    private static final int COUNTED = 10_000;
    private static final int UNCOUNTED = 30_000;
    private static final int PAGE_SIZE = 1_000;

    @Test
    @Tag("bad-input-35")
    @DisplayName("35 · checkpoint deleted, half of the topic gone: it starts, no number falls, a replay reconciles")
    void afterAReplayOfTheRunsEverythingReconciles(@TempDir Path dir) throws Exception {
        try (WholeStack stack = new WholeStack(WholeStack.options(dir))) {
            // Given: one run counted, one that nobody has counted yet
            UUID counted = stack.startRun(COUNTED, PAGE_SIZE);
            stack.awaitSettled(counted, COUNTED);
            stack.awaitWritten();
            stack.servers().stop(Part.STREAM);
            UUID uncounted = stack.startRun(UNCOUNTED, PAGE_SIZE);
            await("the second run is complete")
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> stack.run(uncounted).get("state").asText().equals("COMPLETE"));
            Files.move(dir.resolve("stream/checkpoint"), dir.resolve("lost"));
            trimHalf(stack);
            Numbers numbers = new Numbers(stack.stores().cql(), counted);
            // When
            stack.servers().start(Part.STREAM);
            stack.awaitWritten();
            Cli.Result before = Cli.run(dir, "reconcile", uncounted.toString());
            assertReplayed(dir, counted);
            assertReplayed(dir, uncounted);
            stack.awaitSettled(uncounted, UNCOUNTED);
            stack.awaitWritten();
            // Then
            assertThat(numbers.end()).as("numbers that fell").isEmpty();
            assertThat(before.exit()).as("half of it is gone: " + before).isEqualTo(1);
            assertThat(before.out()).contains("does NOT reconcile");
            for (UUID run : new UUID[] {counted, uncounted}) {
                Cli.Result after = Cli.run(dir, "reconcile", run.toString(), "--deep");
                assertThat(after.exit()).as(after.toString()).isZero();
            }
        }
    }

    private static void assertReplayed(Path dir, UUID run) {
        Cli.Result replay = Cli.run(dir, "replay", run.toString());
        assertThat(replay.exit()).as(replay.toString()).isZero();
    }

    private static void trimHalf(WholeStack stack) throws Exception {
        Map<TopicPartition, RecordsToDelete> half = new HashMap<>();
        stack.stores().endOfTopic().forEach((at, end) -> half.put(at, RecordsToDelete.beforeOffset(end / 2)));
        try (Admin admin = Admin.create(
                Map.of("bootstrap.servers", stack.addresses().kafkaBootstrap().orElseThrow()))) {
            admin.deleteRecords(half).all().get();
        }
    }
}
