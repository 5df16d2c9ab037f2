package io.tributary.etl;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.embedded.Addresses;
import io.tributary.etl.Reconciliation.Drift;
import io.tributary.etl.Reconciliation.Store;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static final int COLUMNS = 80;
    private static final String DIGEST = "00ff00ff00ff00ff";

    private static Reconciliation reconciliation(Store cassandra, List<Drift> drift, long total) {
        return new Reconciliation(
                FakeIngest.ID,
                false,
                drift.isEmpty(),
                List.of(
                        new Store("ledger", 100_000_000, DIGEST),
                        new Store("postgres", 100_000_000, DIGEST),
                        new Store("kafka", 100_000_000, DIGEST),
                        cassandra),
                100_000_000,
                drift,
                total,
                List.of(),
                Json.object());
    }

    @Test
    void theFourStoresStandInATableWithTheVerdictBelow() {
        // When
        List<String> lines =
                Report.reconciliation(reconciliation(new Store("cassandra", 100_000_000, DIGEST), List.of(), 0));
        // Then
        assertThat(lines)
                .containsExactly(
                        "store             users  digest            equal",
                        "ledger      100,000,000  00ff00ff00ff00ff",
                        "PostgreSQL  100,000,000  00ff00ff00ff00ff  yes",
                        "Kafka       100,000,000  00ff00ff00ff00ff  yes",
                        "Cassandra   100,000,000  00ff00ff00ff00ff  yes",
                        "",
                        "Run 5f0c7a3e-0b1d-4c2e-9f3a-6d5e4c3b2a10 reconciles: equal in all four stores.");
    }

    @Test
    void aRunThatTheLedgerDoesNotKnowIsReportedAndDoesNotMakeThisOneDiffer() throws Exception {
        // Given
        Reconciliation result = Reconciliation.of(new ObjectMapper().readTree("""
                {"run":"5f0c7a3e-0b1d-4c2e-9f3a-6d5e4c3b2a10","equal":true,"drift":[],"driftTotal":0,
                 "ledger":{"users":1,"digest":"00ff"},"postgres":{"users":1,"digest":"00ff"},
                 "kafka":{"users":1,"digest":"00ff","records":1},"cassandra":{"users":1,"digest":"00ff"},
                 "phantomRuns":[{"run":"00000000-0000-0000-0000-000000000009","records":1000}]}
                """));
        // When
        List<String> lines = Report.reconciliation(result);
        // Then
        assertThat(lines)
                .contains("Kafka holds 1,000 records of run 00000000-0000-0000-0000-000000000009, which the ledger"
                        + " does not know: a phantom, and counted in its windows.")
                .last()
                .asString()
                .contains("reconciles");
    }

    @Test
    void aDifferenceIsNamedByStorePageAndPosition() {
        // Given
        List<Drift> drift = List.of(
                new Drift("cassandra", 3, Optional.of(17L), "user missing"),
                new Drift("cassandra", 4, Optional.empty(), "999 users, expected 1000"));
        // When
        List<String> lines =
                Report.reconciliation(reconciliation(new Store("cassandra", 99_998_999, DIGEST), drift, 250));
        // Then
        assertThat(lines)
                .contains(
                        "Cassandra    99,998,999  00ff00ff00ff00ff  NO",
                        "Run 5f0c7a3e-0b1d-4c2e-9f3a-6d5e4c3b2a10 does NOT reconcile: 250 differences.",
                        "  Cassandra, page 3, position 17: user missing",
                        "  Cassandra, page 4: 999 users, expected 1000",
                        "  and 248 more");
    }

    @Test
    void equalCountsWithAnotherDigestAreNotEqual() {
        // When
        List<String> lines = Report.reconciliation(
                reconciliation(new Store("cassandra", 100_000_000, "0000000000000001"), List.of(), 0));
        // Then
        assertThat(lines).contains("Cassandra   100,000,000  0000000000000001  NO");
    }

    @Test
    void whatAStoreSaysCanNotCommandTheTerminal() {
        // Given
        List<Drift> drift = List.of(new Drift("kafka", 1, Optional.empty(), "name \u001b[2J\u202eevil\u0007"));
        // When
        List<String> lines = Report.reconciliation(reconciliation(new Store("cassandra", 1, DIGEST), drift, 1));
        // Then
        assertThat(lines).contains("  Kafka, page 1: name  [2J evil ");
    }

    @Test
    void theListOfRunsFitsATerminalOf80Columns() {
        // Given
        Run run = Run.of(Json.parse(FakeIngest.run("INCOMPLETE", 100_000_000, 1, 1, null)
                .replace("\"users\":10000", "\"users\":100000000")));
        // When
        List<String> lines = Report.runs(List.of(run));
        // Then
        assertThat(lines).hasSize(2).allMatch(line -> line.length() <= COLUMNS);
        assertThat(lines.get(1))
                .isEqualTo("5f0c7a3e  incomplete  100,000,000     100 %  2026-01-01 00:00  2026-01-01 00:00");
    }

    @Test
    void theAddressesNameThePasswordsFileAndFit80Columns() {
        // Given
        Path here = Path.of("/home/someone/tributary");
        Path data = here.resolve(".tributary");
        Addresses at = new Addresses(
                Optional.of(new Addresses.Postgres(
                        "127.0.0.1", 54_321, "tributary", "tributary", data.resolve("postgres/password"))),
                Optional.of("127.0.0.1:54322"),
                Optional.of(URI.create("http://127.0.0.1:54323/apis/ccompat/v7")),
                Optional.of("127.0.0.1:54324"),
                "datacenter1",
                Optional.of(URI.create("http://127.0.0.1:54325/api/")),
                Optional.of(URI.create("http://127.0.0.1:54326")),
                Optional.empty(),
                Optional.empty(),
                Optional.of(URI.create("http://127.0.0.1:54327")),
                Optional.of(URI.create("http://127.0.0.1:54328/metrics")));
        // When
        List<String> lines = Report.addresses(at, data.resolve("logs"), here);
        // Then
        assertThat(lines)
                .contains(
                        "API         http://127.0.0.1:54326/api/v1/runs",
                        "PostgreSQL  psql -h 127.0.0.1 -p 54321 -U tributary tributary",
                        "  password  in .tributary/postgres/password",
                        "Airflow     http://127.0.0.1:54327",
                        "  password  in .tributary/airflow/passwords.json",
                        "logs        .tributary/logs")
                .allMatch(line -> line.length() <= COLUMNS);
    }

    @Test
    void aWindowIsShownWithItsGroups() {
        // Given
        String answer = """
            {"windows":[{"windowStart":"2026-01-01T00:00:00Z","users":12345,
            "groups":[{"nationality":"US","gender":"female","users":12345,"meanAge":47.06}]}]}\
            """;
        // When
        List<String> lines = Report.windows(Json.parse(answer));
        // Then
        assertThat(lines)
                .containsExactly(
                        "window from       nationality  gender   users  mean age",
                        "2026-01-01 00:00  all                  12,345",
                        "                  US           female  12,345      47.1");
    }
}
