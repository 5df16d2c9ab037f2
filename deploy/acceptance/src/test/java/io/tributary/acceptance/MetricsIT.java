package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.embedded.EmbeddedStack.Part;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** P8: what is scraped equals what the ledger says, and the counters add up. */
class MetricsIT {
    private static final String PREFIX = "tributary_ingest_";
    private static final int USERS = 5_000;
    private static final int PAGE_SIZE = 500;

    @TempDir
    static Path dir;

    private static WholeStack stack;

    @BeforeAll
    static void up() {
        stack = new WholeStack(WholeStack.options(dir)
                .withParts(EnumSet.of(Part.POSTGRES, Part.KAFKA, Part.REGISTRY, Part.SOURCE, Part.INGEST)));
    }

    @AfterAll
    static void down() {
        stack.close();
    }

    @Test
    void theScrapeEqualsTheLedgerAndAddsUp() throws Exception {
        // Given
        stack.sourceFaults("""
                [{"kind":"bad-uuid","page":3,"position":7,"times":0},
                 {"kind":"bad-uuid","page":4,"position":0,"times":0},
                 {"kind":"short-results","page":5,"times":0}]""");
        // When
        UUID run = stack.startRun(USERS, PAGE_SIZE);
        await("run " + run + " has ended")
                .atMost(Duration.ofMinutes(3))
                .until(() -> !stack.run(run).get("state").asText().equals("RUNNING"));
        // Then
        Stores stores = stack.stores();
        Map<String, Double> scraped = scrape();
        assertThat(scraped.get("pages_completed_total"))
                .isEqualTo(stores.number("select count(*) from page where state = 'COMPLETE'"))
                .isEqualTo(9);
        assertThat(scraped.get("pages_quarantined_total{captured=\"false\"}"))
                .isEqualTo(stores.number("select count(*) from page where state = 'QUARANTINED'"))
                .isEqualTo(1);
        assertThat(scraped.get("pages_captured_total"))
                .isEqualTo(stores.number("select count(*) from response"))
                .isEqualTo(scraped.get("pages_completed_total"));
        assertThat(scraped.get("users_captured_total"))
                .isEqualTo(stores.number("select sum(page_users) from page where captured_at is not null"))
                .isEqualTo(scraped.get("users_published_total") + scraped.get("dead_letters_total"));
        assertThat(scraped.get("users_published_total")).isEqualTo(stores.number("select count(*) from users"));
        assertThat(scraped.get("dead_letters_total"))
                .isEqualTo(stores.number("select count(*) from dead_letter"))
                .isEqualTo(2);
        assertThat(scraped.get("pages_leased_total"))
                .isEqualTo(scraped.get("pages_completed_total")
                        + scraped.get("pages_failed_total")
                        + scraped.get("pages_in_flight"));
        assertThat(scraped.get("capture_to_complete_seconds_count")).isEqualTo(9);
        for (String stage : new String[] {"fetch", "capture", "store", "publish"}) {
            assertThat(scraped.get("stage_seconds_count{stage=\"" + stage + "\"}"))
                    .as(stage)
                    .isGreaterThanOrEqualTo(9);
        }
    }

    /** Samples by name and labels, without our prefix. */
    private static Map<String, Double> scrape() throws Exception {
        Map<String, Double> samples = new HashMap<>();
        stack.metrics().lines().filter(line -> line.startsWith(PREFIX)).forEach(line -> {
            int value = line.lastIndexOf(' ');
            samples.put(line.substring(PREFIX.length(), value), Double.valueOf(line.substring(value + 1)));
        });
        return samples;
    }
}
