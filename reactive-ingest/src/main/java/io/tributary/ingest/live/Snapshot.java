package io.tributary.ingest.live;

import io.tributary.ingest.ledger.RunBoard;
import io.tributary.ingest.metrics.IngestReading;
import io.tributary.ingest.reconcile.Windows.WindowCounts;
import io.tributary.ingest.replay.Replay;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is shown of one moment. What could not be asked is empty or null, never old.
 *
 * @param instance the one that looked; rates and times of the source, capture, PostgreSQL and Kafka are this one's
 * @param stages all six, in the order of the flow
 * @param servers each by name: empty when it answered just now, else why it did not
 * @param runs newest first, at most {@code RunBoard.NEWEST + RunBoard.RUNNING}
 * @param replays that run or ran lately, newest first
 * @param windows newest first, at most {@link Live#WINDOWS}
 * @param setAside records in the stream's topic of dead letters, ever
 */
public record Snapshot(
        Instant at,
        String instance,
        List<StageView> stages,
        IngestReading.OfSource source,
        Map<String, Optional<String>> servers,
        Optional<List<RunRow>> runs,
        List<Replay> replays,
        Optional<List<WindowCounts>> windows,
        @Nullable Long setAside) {

    /**
     * A run and what the stream has counted of it.
     *
     * @param counted users; null while it is not known
     */
    public record RunRow(RunBoard.Row row, @Nullable Long counted) {}
}
