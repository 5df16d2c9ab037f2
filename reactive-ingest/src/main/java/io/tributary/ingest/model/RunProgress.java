package io.tributary.ingest.model;

import java.util.Map;

/**
 * How far a run is, from its pages.
 *
 * @param pages number of pages by state; every state is there
 * @param captured users of captured pages, dead letters included
 * @param stored users whose rows are in PostgreSQL
 * @param published users whose records Kafka acknowledged, counted when their page is complete
 * @param deadLetters users set aside
 * @param givenUp users that go on of pages quarantined after their capture: the stream may have got all, some or none
 */
public record RunProgress(
        Run run,
        Map<PageState, Integer> pages,
        long captured,
        long stored,
        long published,
        long deadLetters,
        long givenUp) {

    /** Of a run without quarantined pages. */
    public RunProgress(
            Run run, Map<PageState, Integer> pages, long captured, long stored, long published, long deadLetters) {
        this(run, pages, captured, stored, published, deadLetters, 0);
    }

    /** Nothing of the run will change any more when the stream has counted so many users of it. */
    public boolean isSettledAt(long counted) {
        long most = captured - deadLetters;
        return run.state().isFinal() && counted >= most - givenUp && counted <= most;
    }
}
