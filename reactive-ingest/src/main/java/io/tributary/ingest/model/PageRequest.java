package io.tributary.ingest.model;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One page to be asked of the source.
 *
 * @param page within the run, from 1
 * @param pageUsers users to ask for, 1 to 5,000
 * @param seed the source's seed; null: the source draws freely
 * @param sourcePage the source's page of that seed, 1 to 10,000
 * @param nationalities upper-case; empty: all
 * @param gender only without a seed: with one the source ignores it
 */
public record PageRequest(
        UUID runId,
        int page,
        int pageUsers,
        @Nullable String seed,
        int sourcePage,
        List<String> nationalities,
        @Nullable String gender) {}
