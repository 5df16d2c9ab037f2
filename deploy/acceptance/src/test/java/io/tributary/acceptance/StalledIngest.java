package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.embedded.EmbeddedStack.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;

/** What must hold of an ingest of 256 MiB and its pages of 5,000 users, whatever stalls. */
record StalledIngest(WholeStack stack) {
    static final int PAGE_SIZE = 5_000;
    /** Well inside what the service promises at its start for a heap of 256 MiB, three quarters of it. */
    static final long MOST_LIVE_BYTES = 160_000_000;

    private static final long MEBIBYTE = 1024 * 1024;
    /** Pages that were on their way when the stall began have arrived by its end, nothing else. */
    private static final long FLAT_BYTES = 32 * MEBIBYTE;

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** In the middle of a new run: counts what is asked of the source, looks at the heap, and at the end for every user. */
    void standsStill(Stall stall, Duration time, int users) throws Exception {
        UUID run = stack.startRun(users, PAGE_SIZE);
        awaitSome(run);
        long complete;
        try (AutoCloseable resumed = stall.begin().call()) {
            watch(stall, run, time);
            complete = completePages(run);
        }
        sayHowSoonItGoesOn(stall, run, complete);
        assertWhole(run, users);
    }

    private void watch(Stall stall, UUID run, Duration time) throws Exception {
        long asked = requests();
        long live = liveHeapBytes();
        await().pollDelay(time).atMost(time.plusSeconds(30)).until(() -> true);
        if (stall.ledgerReads()) {
            sayHowSoonItAnswers(stall, run);
        }
        long requests = requests() - asked;
        long later = liveHeapBytes();
        System.out.printf(
                "stall: %s for %d s, %d source requests, live heap %d MiB at its begin, %d MiB at its end%n",
                stall.name(), time.toSeconds(), requests, live / MEBIBYTE, later / MEBIBYTE);
        assertThat(requests).as("source requests during the stall").isLessThanOrEqualTo(SharedStack.PAGES_IN_FLIGHT);
        assertThat(later).as("live heap, bytes").isLessThan(MOST_LIVE_BYTES).isLessThan(live + FLAT_BYTES);
    }

    /** Whoever asks for a run does not wait behind writers that are stalled. */
    private void sayHowSoonItAnswers(Stall stall, UUID run) throws IOException, InterruptedException {
        long asked = System.nanoTime();
        assertThat(stack.run(run).get("state").asText()).isEqualTo("RUNNING");
        System.out.printf("stall: %s, the API said so after %d ms%n", stall.name(), millisSince(asked));
    }

    private void sayHowSoonItGoesOn(Stall stall, UUID run, long completeBefore) {
        long end = System.nanoTime();
        await("a page after the stall")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> completePages(run) > completeBefore);
        System.out.printf(
                "stall: %s, the next page was complete %d ms after its end%n", stall.name(), millisSince(end));
    }

    void assertWhole(UUID run, int users) throws Exception {
        stack.awaitSettled(run, users);
        Stores.assertWhole("postgres", stack.stores().inPostgres(run), users, PAGE_SIZE);
        Stores.assertWhole("kafka", stack.stores().inKafka(run, Map.of()), users, PAGE_SIZE);
        assertThat(stack.reconciliation(run, false).get("equal").asBoolean()).isTrue();
        assertThat(Files.readString(log()))
                .as("what Vert.x says of an event loop that was held for more than 2 s")
                .doesNotContain("has been blocked for");
    }

    void awaitSome(UUID run) {
        await("some pages are complete")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> completePages(run) >= SharedStack.PAGES_IN_FLIGHT);
    }

    /** Asked of the log: the ledger may be what stands still. */
    long completePages(UUID run) throws IOException {
        String complete = "event=page_complete run=" + run + " ";
        return Files.readString(log())
                .lines()
                .filter(line -> line.contains(complete))
                .count();
    }

    private Path log() {
        return stack.servers().log(Part.INGEST);
    }

    long requests() throws IOException, InterruptedException {
        return stack.sourceStats().get("requests").asLong();
    }

    long liveHeapBytes() throws IOException, InterruptedException {
        return new LiveHeap(stack.servers().pid(Part.INGEST)).bytes();
    }

    private static long millisSince(long nanoTime) {
        return (System.nanoTime() - nanoTime) / 1_000_000;
    }
}
