package io.tributary.ingest.ledger;

import io.tributary.ingest.model.PageState;
import io.tributary.ingest.model.RunProgress;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import reactor.core.publisher.Mono;

/** The runs as those who watch see them, at a cost that does not grow with the number of runs that there ever were. */
public interface RunBoard {
    /** Runs on it, at most: the newest .. */
    int NEWEST = 20;

    /** .. and beside them the newest of those that are still running. */
    int RUNNING = 10;

    /** Cells of a run, at most. */
    int CELLS = 200;

    int REASONS = 6;

    int GIVEN_UP = 5;

    /**
     * Cold. The runs, newest first; errors with {@code StoreFailed}.
     *
     * @param before what the last look gave, by run: of those that have ended and are as they were nothing is read again
     */
    Mono<List<Row>> look(Map<UUID, Row> before);

    /**
     * One run.
     *
     * @param pagesACell pages that a cell stands for; the last cell may have fewer
     * @param cells in the order of the pages. Where a cell's pages differ it is the first of quarantined, leased, captured,
     *     planned that is among them
     * @param deadLetters the most frequent reasons, at most {@link #REASONS}
     * @param quarantined the first pages that were given up, at most {@link #GIVEN_UP}
     */
    record Row(
            RunProgress progress,
            int pagesACell,
            List<PageState> cells,
            List<Reason> deadLetters,
            List<GivenUp> quarantined) {}

    /** Why users were set aside, and how many. The reason names a field, never its value. */
    record Reason(String reason, int users) {}

    /** A page that was given up after so many attempts, and of what the last one died. */
    record GivenUp(int page, int attempts, String cause) {}
}
