package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.embedded.EmbeddedStack.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** P4: a sink that stalls stops the source, memory stays flat, nothing is lost, and it goes on by itself. */
@SharedStack.Whole
class StalledSinksIT {
    private static final int USERS = 100_000;
    private static final int PAGE_SIZE = 5_000;
    private static final Duration STALL = Duration.ofSeconds(30);
    private static final long MEBIBYTE = 1024 * 1024;
    /** Well inside what the service promises at its start for a heap of 256 MiB, three quarters of it. */
    private static final long MOST_LIVE_BYTES = 160_000_000;
    /** Pages that were on their way when the stall began have arrived by its end, nothing else. */
    private static final long FLAT_BYTES = 32 * MEBIBYTE;

    private final WholeStack stack;

    StalledSinksIT(WholeStack shared) {
        stack = shared;
    }

    @Test
    void aLockedTableAndAStoppedBrokerStopTheSourceAndLoseNothing() throws Exception {
        UUID first = stack.startRun(USERS, PAGE_SIZE);
        awaitSome(first);
        try (Connection sql = stack.stores().sql();
                Statement statement = sql.createStatement()) {
            sql.setAutoCommit(false);
            statement.execute("lock table users in access exclusive mode");
            watchTheStall();
            long complete = completePages(first);
            sql.rollback();
            sayHowSoonItGoesOn("locked table", first, complete);
        }
        assertWhole(first);

        UUID second = stack.startRun(USERS, PAGE_SIZE);
        awaitSome(second);
        long broker = stack.servers().pid(Part.KAFKA);
        signal("STOP", broker);
        long complete;
        try {
            watchTheStall();
            complete = completePages(second);
        } finally {
            signal("CONT", broker);
        }
        sayHowSoonItGoesOn("stopped broker", second, complete);
        assertWhole(second);
    }

    /** A sink has just stalled: for its time, counts what is asked of the source and looks at the heap. */
    private void watchTheStall() throws Exception {
        long asked = requests();
        long live = liveHeapBytes();
        await().pollDelay(STALL).atMost(STALL.plusSeconds(30)).until(() -> true);
        assertThat(requests() - asked)
                .as("source requests during the stall")
                .isLessThanOrEqualTo(SharedStack.PAGES_IN_FLIGHT);
        long later = liveHeapBytes();
        System.out.printf(
                "stall: live heap %d MiB at its begin, %d MiB at its end%n", live / MEBIBYTE, later / MEBIBYTE);
        assertThat(later).as("live heap, bytes").isLessThan(MOST_LIVE_BYTES).isLessThan(live + FLAT_BYTES);
    }

    private void sayHowSoonItGoesOn(String stall, UUID run, long completeBefore) {
        long end = System.nanoTime();
        await("a page after the stall")
                .atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> completePages(run) > completeBefore);
        System.out.printf(
                "stall: %s, the next page was complete %d ms after its end%n",
                stall, (System.nanoTime() - end) / 1_000_000);
    }

    private void assertWhole(UUID run) throws Exception {
        stack.awaitSettled(run, USERS);
        Stores.assertWhole("postgres", stack.stores().inPostgres(run), USERS, PAGE_SIZE);
        Stores.assertWhole("kafka", stack.stores().inKafka(run, Map.of()), USERS, PAGE_SIZE);
        assertThat(stack.reconciliation(run, false).get("equal").asBoolean()).isTrue();
    }

    private void awaitSome(UUID run) {
        await("some pages are complete")
                .atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> completePages(run) >= 4);
    }

    /** Asked of the ledger itself: the API waits behind the stalled writers for a connection. */
    private long completePages(UUID run) throws Exception {
        return stack.stores().number("select count(*) from page where state = 'COMPLETE' and run_id = '" + run + "'");
    }

    private long requests() throws IOException, InterruptedException {
        return stack.sourceStats().get("requests").asLong();
    }

    /** What is left of ingest's heap after a full collection. */
    private long liveHeapBytes() throws IOException, InterruptedException {
        long ingest = stack.servers().pid(Part.INGEST);
        jcmd(ingest, "GC.run");
        Matcher used = Pattern.compile("total \\d+K, used (\\d+)K").matcher(jcmd(ingest, "GC.heap_info"));
        long bytes = 0;
        while (used.find()) {
            bytes += 1024 * Long.parseLong(used.group(1));
        }
        return bytes;
    }

    private static String jcmd(long pid, String command) throws IOException, InterruptedException {
        Path tool = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process process = new ProcessBuilder(tool.toString(), Long.toString(pid), command)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return said;
    }

    private static void signal(String signal, long pid) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start().waitFor();
    }
}
