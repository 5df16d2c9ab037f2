package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** P8: what is scraped equals what the ledger says, and the counters add up. */
@SharedStack.OfIngest
class MetricsIT {
    private static final String PREFIX = "tributary_ingest_";
    private static final int USERS = 5_000;
    private static final int PAGE_SIZE = 500;

    private final WholeStack stack;

    MetricsIT(WholeStack shared) {
        stack = shared;
    }

    @AfterEach
    void theSourceIsWell() throws Exception {
        stack.sourceFaults("[]");
    }

    @Test
    void theScrapeEqualsTheLedgerAndAddsUp() throws Exception {
        // Given
        stack.sourceFaults("""
                [{"kind":"bad-uuid","page":3,"position":7,"times":0},
                 {"kind":"bad-uuid","page":4,"position":0,"times":0},
                 {"kind":"short-results","page":5,"times":0}]""");
        Map<String, Double> before = scrape();
        // When
        UUID run = stack.startRun(USERS, PAGE_SIZE);
        await("run " + run + " has ended")
                .atMost(Duration.ofMinutes(3))
                .until(() -> !stack.run(run).get("state").asText().equals("RUNNING"));
        // Then
        Map<String, Double> scraped = scrape();
        before.forEach((sample, value) -> scraped.merge(sample, -value, Double::sum));
        assertThat(scraped.get("pages_completed_total"))
                .isEqualTo(number("select count(*) from page where state = 'COMPLETE'", run))
                .isEqualTo(9);
        assertThat(scraped.get("pages_quarantined_total{captured=\"false\"}"))
                .isEqualTo(number("select count(*) from page where state = 'QUARANTINED'", run))
                .isEqualTo(1);
        assertThat(scraped.get("pages_captured_total"))
                .isEqualTo(number("select count(*) from response", run))
                .isEqualTo(scraped.get("pages_completed_total"));
        assertThat(scraped.get("users_captured_total"))
                .isEqualTo(number("select sum(page_users) from page where captured_at is not null", run))
                .isEqualTo(scraped.get("users_published_total") + scraped.get("dead_letters_total"));
        assertThat(scraped.get("users_published_total")).isEqualTo(number("select count(*) from users", run));
        assertThat(scraped.get("dead_letters_total"))
                .isEqualTo(number("select count(*) from dead_letter", run))
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

    /** What this query says of one run. */
    private long number(String query, UUID run) throws Exception {
        String of = query.contains(" where ") ? " and" : " where";
        return stack.stores().number(query + of + " run_id = '" + run + "'");
    }

    /** Samples by name and labels, without our prefix. */
    private Map<String, Double> scrape() throws Exception {
        Map<String, Double> samples = new HashMap<>();
        stack.metrics().lines().filter(line -> line.startsWith(PREFIX)).forEach(line -> {
            int value = line.lastIndexOf(' ');
            samples.put(line.substring(PREFIX.length(), value), Double.valueOf(line.substring(value + 1)));
        });
        return samples;
    }
}
