package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.Row;
import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.embedded.EmbeddedStack;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackListener;
import io.tributary.embedded.StackOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** P8: the live page in a real browser. Left out, and said so, where no Chromium is installed. */
@SharedStack.Whole
class LivePageIT {
    private static final int USERS = 50_000;
    private static final int PAGE_SIZE = 1_000;
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final String LIVE = "document.getElementById('connection').dataset.state === 'live'";
    private static final String DOWN = "document.querySelector('.node[data-stage=kafka]').dataset.state === 'down'";

    private final WholeStack stack;

    @TempDir
    Path profile;

    private Browser browser;

    LivePageIT(WholeStack shared) {
        stack = shared;
    }

    @BeforeEach
    void openThePage() throws Exception {
        Path chromium = Browser.installed().orElse(null);
        assumeTrue(chromium != null, "no Chromium is installed (Debian: apt-get install chromium)");
        browser = Browser.start(chromium, profile);
        browser.screen(1280, 900, false);
        browser.open(page());
        browser.awaitTrue("the page is live", PATIENCE, LIVE);
    }

    @AfterEach
    void closeThePage() {
        if (browser != null) {
            browser.close();
        }
    }

    private URI page() {
        return URI.create(stack.addresses().ingestUrl().orElseThrow() + "/");
    }

    @Test
    void aRunIsWatchedFromFirstToLastAndItsNumbersAreThoseOfTheStores() throws Exception {
        // Given a record of each number of the run that the page shows
        UUID run = stack.startRun(USERS, PAGE_SIZE);
        String row = "[data-run='" + run + "'] ";
        browser.awaitTrue(
                "the run is shown and open", PATIENCE, "document.querySelector(\"" + row + "[data-field=captured]\")");
        browser.evaluate(
                "window.shown = []; new MutationObserver(() => window.shown.push(Number(document.querySelector(\"" + row
                        + "[data-field=captured]\").textContent.replaceAll(',', ''))))"
                        + ".observe(document.querySelector(\"" + row
                        + "\"), { subtree: true, childList: true, characterData: true })");
        // When
        stack.awaitSettled(run, USERS);
        browser.awaitTrue(
                "the page shows the end",
                PATIENCE,
                "document.querySelector(\"" + row + "[data-field=counted]\").textContent === '50,000'"
                        + " && document.querySelector(\"[data-run='" + run + "']\").dataset.state === 'complete'");
        // Then
        List<Integer> shown = numbers(browser.evaluate("window.shown"));
        assertThat(shown).isSorted();
        assertThat(shown.stream().distinct().filter(users -> users < USERS).count())
                .as("numbers on the way")
                .isGreaterThan(3);
        String of = " where run_id = '" + run + "'";
        assertThat(number(row + "[data-field=captured]"))
                .isEqualTo(stack.stores()
                        .number("select sum(page_users) from page" + of + " and captured_at is not null"));
        assertThat(number(row + "[data-field=stored]"))
                .isEqualTo(stack.stores().number("select count(*) from users" + of));
        assertThat(number(row + "[data-field=published]"))
                .isEqualTo(stack.stores().inKafka(run, Map.of()).size());
        stack.awaitWritten();
        browser.awaitTrue(
                "Spark has nothing left to read",
                PATIENCE,
                "document.querySelector('[data-card=spark] .figures').textContent.match(/(^|\\D)0 records to go/)");
        try (CqlSession cassandra = stack.stores().cql()) {
            assertThat(number(row + "[data-field=counted]"))
                    .isEqualTo(cassandra
                            .execute("SELECT sum(cast(users AS bigint)) FROM tributary.page_sums WHERE run_id = " + run)
                            .one()
                            .getLong(0));
            Row newest = cassandra
                    .execute(
                            "SELECT window_start, sum(cast(users AS bigint)) FROM tributary.window_users GROUP BY window_start")
                    .all()
                    .stream()
                    .max(Comparator.comparing(window -> window.getInstant(0)))
                    .orElseThrow();
            browser.awaitTrue(
                    "the newest window is shown as Cassandra has it",
                    PATIENCE,
                    "document.querySelector('[data-field=window-users]').textContent === '%,d'"
                            .formatted(newest.getLong(1)));
        }
        assertThat(browser.evaluate("document.querySelector(\"" + row + ".strip\").getAttribute('aria-label')")
                        .asText())
                .isEqualTo("50 pages: 50 complete");
        assertThatNobodyComplains();
    }

    @Test
    void aKilledKafkaIsTheRedStageAndHeals() throws Exception {
        // When
        long killed = System.nanoTime();
        stack.servers().kill(Part.KAFKA);
        browser.awaitTrue("Kafka is red", PATIENCE, DOWN);
        Duration red = Duration.ofNanos(System.nanoTime() - killed);
        // Then
        assertThat(browser.textOf("#headline")).contains("Kafka").contains("not answer");
        browser.awaitTrue("Kafka is well", PATIENCE, "!(" + DOWN + ")");
        System.out.println("live page: a killed Kafka was red after " + red.toMillis() + " ms, well after "
                + Duration.ofNanos(System.nanoTime() - killed).toMillis() + " ms");
        if (Boolean.getBoolean("chaos.long")) {
            assertThat(red).isLessThan(Duration.ofSeconds(3));
        }
        UUID run = stack.startRun(PAGE_SIZE, PAGE_SIZE);
        browser.awaitTrue(
                "a run ends",
                PATIENCE,
                "document.querySelector(\"[data-run='" + run + "']\").dataset.state === 'complete'");
        stack.awaitSettled(run, PAGE_SIZE);
        assertThatNobodyComplains();
    }

    @Test
    void everybodyCanUseItOnAnyScreenAndByKeyboard() throws Exception {
        // Given
        UUID run = stack.startRun(PAGE_SIZE, PAGE_SIZE);
        stack.awaitSettled(run, PAGE_SIZE);
        browser.awaitTrue("the run is shown", PATIENCE, "document.querySelector(\"[data-run='" + run + "']\")");
        browser.evaluate(axe());
        for (boolean dark : new boolean[] {false, true}) {
            for (int width : new int[] {1280, 390}) {
                // When
                browser.screen(width, 900, dark);
                JsonNode serious = browser.evaluate("axe.run().then(found => found.violations"
                        + ".filter(one => one.impact === 'serious' || one.impact === 'critical')"
                        + ".map(one => one.id + ': ' + one.nodes.map(node => node.target).join(' ')))");
                // Then
                assertThat(serious).as("axe at %s px, dark %s", width, dark).isEmpty();
                assertThat(browser.evaluate("document.documentElement.scrollWidth")
                                .asInt())
                        .as("nothing sticks out")
                        .isLessThanOrEqualTo(width);
            }
        }
        browser.screen(1280, 900, false);
        String row = "document.querySelector(\"[data-run='" + run + "']\")";
        browser.evaluate(row + ".querySelector('[data-action=reconcile]').click()");
        browser.awaitTrue(
                "the four stores agree",
                PATIENCE,
                row + ".querySelector('.says').textContent.endsWith('all four agree on 1,000 users.')" + " && " + row
                        + ".querySelectorAll('.agrees').length === 4");
        String button = row + ".querySelector('button.row')";
        String before =
                browser.evaluate(button + ".getAttribute('aria-expanded')").asText();
        browser.evaluate(button + ".focus()");
        browser.press("Enter", 13);
        assertThat(browser.evaluate(button + ".getAttribute('aria-expanded')").asText())
                .isNotEqualTo(before);
        assertThatNobodyComplains();
    }

    @Test
    void aRunIsCancelledOnlyWhenThatIsMeant() throws Exception {
        // Given
        UUID run = stack.startRun(USERS, PAGE_SIZE);
        String row = "document.querySelector(\"[data-run='" + run + "']\")";
        String asked = "document.getElementById('sure-dialog').open";
        browser.awaitTrue("the run is open", PATIENCE, row + ".querySelector('[data-action=cancel]')");
        browser.evaluate(row + ".querySelector('[data-action=cancel]').click()");
        browser.awaitTrue("it is asked whether", PATIENCE, asked);
        // When
        browser.evaluate("document.getElementById('sure-no').click()");
        browser.awaitTrue(
                "the button is free again", PATIENCE, "!" + asked + " && !" + row + ".querySelector('[aria-busy]')");
        String left = stack.run(run).get("state").asText();
        browser.evaluate(row + ".querySelector('[data-action=cancel]').click()");
        browser.evaluate("document.getElementById('sure-yes').click()");
        // Then
        browser.awaitTrue(
                "the page says so, and that what was captured is delivered",
                PATIENCE,
                row + ".dataset.state === 'cancelled' && !/leased|captured/.test(" + row
                        + ".querySelector('.strip').getAttribute('aria-label'))");
        assertThat(left).isEqualTo("RUNNING");
        assertThat(stack.run(run).get("state").asText()).isEqualTo("CANCELLED");
        assertThatNobodyComplains();
    }

    /** Of the long form, as it needs an ingest of its own; that the service asks is {@code AccessTest}'s. */
    @Test
    @EnabledIfSystemProperty(named = "chaos.long", matches = "true")
    void aTokenIsAskedForWhereOneIsSetAndIsKeptNowhere(@TempDir Path dir) throws Exception {
        // Given
        String token = "a-token-for-readers-0123456789";
        Path tokens = Files.writeString(dir.resolve("tokens"), "runs:read " + token + "\n");
        StackOptions options = WholeStack.options(dir)
                .withParts(Set.of(Part.INGEST))
                .withSourceUrl(stack.addresses().sourceUrl().orElseThrow())
                .withEnv(Part.INGEST, "INGEST_INSTANCE", "ingest-2")
                .withEnv(Part.INGEST, "INGEST_TOKENS_FILE", tokens.toString());
        for (Map.Entry<String, String> one :
                ThreeIngests.environmentBeside(stack.addresses()).entrySet()) {
            options = options.withEnv(Part.INGEST, one.getKey(), one.getValue());
        }
        try (EmbeddedStack other = EmbeddedStack.start(options, StackListener.SILENT)) {
            // When
            browser.open(URI.create(other.addresses().ingestUrl().orElseThrow() + "/"));
            browser.awaitTrue("a token is asked for", PATIENCE, "document.getElementById('token-dialog').open");
            browser.evaluate("document.getElementById('token').value = '" + token + "'");
            browser.press("Enter", 13);
            // Then
            browser.awaitTrue("the page is live", PATIENCE, LIVE);
            assertThat(browser.evaluate("localStorage.length + sessionStorage.length + document.cookie.length"
                                    + " + document.getElementById('token').value.length")
                            .asInt())
                    .isZero();
            assertThat(browser.complaints()).allMatch(complaint -> complaint.contains("401"));
        }
    }

    /** Of the long form: the page beside a ledger of 1,000 runs, open for ten minutes while the stream runs. */
    @Test
    @EnabledIfSystemProperty(named = "chaos.long", matches = "true")
    void withAThousandRunsItIsThereAtOnceAndDoesNotGrow() throws Exception {
        // Given
        plantRuns();
        browser.open(page());
        browser.awaitTrue("runs are shown", PATIENCE, "document.querySelectorAll('.run').length === 20");
        JsonNode paint = browser.evaluate("performance.getEntriesByType('paint').map(one => one.startTime)");
        long asked = System.nanoTime();
        Duration open = Duration.ofMinutes(Integer.getInteger("live.minutes", 10));
        // When
        long first = 0;
        while (System.nanoTime() - asked < open.toNanos()) {
            UUID run = stack.startRun(20 * PAGE_SIZE, PAGE_SIZE);
            stack.awaitSettled(run, 20 * PAGE_SIZE);
            if (first == 0 && System.nanoTime() - asked > open.toNanos() / 5) {
                first = heap();
            }
        }
        long last = heap();
        // Then
        System.out.println(
                "live page: painted after " + paint + " ms, heap " + first + " B, then " + last + " B after " + open);
        assertThat(paint.get(0).asDouble()).isLessThan(1_000);
        assertThat(last - first).as("bytes that the page grew by").isLessThan(1_000_000);
        assertThatNobodyComplains();
    }

    /** A thousand of a hundred pages, ended. */
    private void plantRuns() throws Exception {
        sql("""
            insert into run (id, idempotency_key, window_start, window_end, users, page_size, state, created_at, finished_at)
            select gen_random_uuid(), 'planted ' || n, now(), now() + interval '1 min', 10000, 100, 'CANCELLED',
                   now() - n * interval '1 s', now() from generate_series(1, 1000) n""");
        sql("""
            insert into page (run_id, page, page_users, source_page)
            select id, n, 100, n from run, generate_series(1, 100) n where idempotency_key like 'planted %'""");
    }

    @AfterEach
    void takeAwayWhatWasPlanted() throws Exception {
        sql("delete from page using run where run_id = id and idempotency_key like 'planted %'");
        sql("delete from run where idempotency_key like 'planted %'");
    }

    private void sql(String statement) throws Exception {
        try (Connection connection = stack.stores().sql();
                Statement sql = connection.createStatement()) {
            sql.execute(statement);
        }
    }

    /** Of the page's scripts, after a full collection. */
    private long heap() {
        browser.send("HeapProfiler.collectGarbage", Map.of());
        return browser.send("Runtime.getHeapUsage", Map.of()).get("usedSize").asLong();
    }

    private void assertThatNobodyComplains() {
        assertThat(browser.complaints()).isEmpty();
        assertThat(browser.hosts()).isEqualTo(Set.of(page().getAuthority()));
    }

    private long number(String selector) {
        return Long.parseLong(browser.textOf(selector).replace(",", ""));
    }

    private static List<Integer> numbers(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asInt)
                .toList();
    }

    private static String axe() throws IOException {
        try (InputStream in = LivePageIT.class.getResourceAsStream("/axe.min.js")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
