package io.tributary.ingest.api;

import static io.tributary.ingest.api.FakeLedger.CREATED;
import static io.tributary.ingest.api.FakeLedger.progress;
import static io.tributary.ingest.api.FakeLedger.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingest.ledger.RunBoard;
import io.tributary.ingest.ledger.RunBoard.GivenUp;
import io.tributary.ingest.ledger.RunBoard.Reason;
import io.tributary.ingest.ledger.RunBoard.Row;
import io.tributary.ingest.live.Live;
import io.tributary.ingest.live.Snapshot;
import io.tributary.ingest.live.Snapshot.RunRow;
import io.tributary.ingest.metrics.IngestReading.OfSource;
import io.tributary.ingest.model.PageState;
import io.tributary.ingest.model.RunState;
import io.tributary.ingest.reconcile.Windows.Group;
import io.tributary.ingest.reconcile.Windows.WindowCounts;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LiveJsonTest {
    /** Each nationality of the source, by gender. */
    private static final int GROUPS = 42;

    @Test
    void theLargestSnapshotIsWithinItsBound() {
        // Given as many of everything as there may be, and no two neighbours of a strip alike
        List<PageState> cells = IntStream.range(0, RunBoard.CELLS)
                .mapToObj(cell -> PageState.values()[cell % PageState.values().length])
                .toList();
        Row row = new Row(
                progress(run(1, RunState.RUNNING), 10_000_000),
                50,
                cells,
                Collections.nCopies(RunBoard.REASONS, new Reason("r".repeat(80), 10_000_000)),
                Collections.nCopies(RunBoard.GIVEN_UP, new GivenUp(10_000, 5, "c".repeat(200))));
        WindowCounts window = new WindowCounts(
                CREATED, Collections.nCopies(GROUPS, new Group("FR", "female", 10_000_000, 9_000_000, 400_000_007)));
        Snapshot largest = new Snapshot(
                CREATED,
                "ingest-1",
                List.of(),
                new OfSource(64, 1_000_000, 60_000, 1_000_000, 1_000_000, Duration.ofMinutes(1)),
                Map.of(),
                Optional.of(Collections.nCopies(RunBoard.NEWEST + RunBoard.RUNNING, new RunRow(row, 10_000_000L))),
                List.of(),
                Optional.of(Collections.nCopies(Live.WINDOWS, window)),
                10_000_000L);
        // Then
        assertThat(RunJson.bytes(LiveJson.snapshot(largest)).length()).isBetween(64 << 10, 128 << 10);
    }
}
