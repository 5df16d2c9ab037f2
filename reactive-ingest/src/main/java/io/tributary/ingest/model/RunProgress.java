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
 */
public record RunProgress(
        Run run, Map<PageState, Integer> pages, long captured, long stored, long published, long deadLetters) {}
