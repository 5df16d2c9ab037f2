package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.randomuser.Fault;
import io.tributary.randomuser.FaultKind;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * How fast a run is beside another one with pages that the source never answers well, against the same beside a healthy one. The
 * source is slow, so that it and not the machine sets the pace. The ratio is printed.
 */
@Tag("chaos")
class PoisonedRunIT {
    private static final int PAGES = 60;
    private static final int PAGE_SIZE = 100;
    private static final int BYTES_PER_SECOND = 150_000;
    private static final List<Integer> POISONED = IntStream.rangeClosed(1, PAGES)
            .filter(page -> page % 6 == 1)
            .boxed()
            .toList();

    @TempDir
    static Path dir;

    private static IngestUnderTest ingest;
    private static int runs;
    private static Duration besideHealthy;

    @BeforeAll
    static void start() throws Exception {
        ingest = new IngestUnderTest(dir);
        measured("warm", List.of());
        besideHealthy = measured("healthy", List.of()).took();
    }

    @AfterAll
    static void stop() throws Exception {
        ingest.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"SERVER_ERROR", "ERROR_200", "SHORT_RESULTS", "HTML"})
    void aRunBesideAPoisonedOneGoesOn(FaultKind poison) {
        // Given
        List<Fault> faults = POISONED.stream()
                .map(page -> Fault.of(poison).onPage(page).always())
                .toList();
        // When
        Measured run = measured(poison.text(), faults);
        // Then
        JsonNode poisoned = ingest.awaitState(run.other(), "INCOMPLETE");
        assertThat(poisoned.at("/pageStates/quarantined").intValue()).isEqualTo(POISONED.size());
        assertThat(poisoned.at("/pageStates/complete").intValue()).isEqualTo(PAGES - POISONED.size());
    }

    @Test
    void aRunBesideOneOfWhichEveryPageFailsGoesOn() {
        Measured run =
                measured("every page", List.of(Fault.of(FaultKind.SERVER_ERROR).always()));
        assertThat(ingest.post(run.other() + "/cancel", "").status()).isEqualTo(200);
    }

    private record Measured(String other, Duration took) {}

    /** Two runs at once, the one that was planned first with the faults, and how long the other one took. */
    private static Measured measured(String what, List<Fault> faults) {
        String seed = "other" + ++runs;
        List<Fault> all = new ArrayList<>();
        faults.forEach(fault -> all.add(fault.ofSeed(seed)));
        all.add(Fault.of(FaultKind.SLOW_BYTES).amount(BYTES_PER_SECOND).always());
        ingest.source.faults(all);
        String other = "/api/v1/runs/" + ingest.run("other " + runs, PAGES * PAGE_SIZE, PAGE_SIZE, seed);
        String ours = "/api/v1/runs/" + ingest.run("ours " + runs, PAGES * PAGE_SIZE, PAGE_SIZE, "ours" + runs);
        JsonNode run = ingest.awaitState(ours, "COMPLETE");
        if (faults.isEmpty()) {
            ingest.awaitState(other, "COMPLETE");
        }
        Duration took = Duration.between(time(run, "createdAt"), time(run, "finishedAt"));
        if (besideHealthy != null) {
            System.out.printf(
                    "poison %s: beside a healthy run %d ms, beside the poisoned one %d ms, %.0f %% of the rate%n",
                    what, besideHealthy.toMillis(), took.toMillis(), 100.0 * besideHealthy.toNanos() / took.toNanos());
        }
        return new Measured(other, took);
    }

    private static Instant time(JsonNode run, String member) {
        return Instant.parse(run.get(member).textValue());
    }
}
