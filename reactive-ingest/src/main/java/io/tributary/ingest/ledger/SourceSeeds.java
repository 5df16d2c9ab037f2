package io.tributary.ingest.ledger;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Seeds of a run. One seed serves {@link #PAGES_OF_A_SEED} pages, because the source answers page 10,001 as page 1; after
 * that the seed goes on with a number. None has 18 characters: of those the source reads the last two as a nationality.
 */
final class SourceSeeds {
    static final int PAGES_OF_A_SEED = 10_000;

    private static final int READ_AS_NATIONALITY = 18;

    private SourceSeeds() {}

    /** The seed of a run that was given none: its id, 32 hex digits. */
    static String of(UUID runId) {
        return runId.toString().replace("-", "");
    }

    /** The seeds for so many pages, in order; nulls when the source draws freely. */
    static @Nullable String[] forPages(@Nullable String seed, int pages) {
        @Nullable String[] seeds = new String[(pages + PAGES_OF_A_SEED - 1) / PAGES_OF_A_SEED];
        for (int block = 0; block < seeds.length; block++) {
            seeds[block] = block == 0 || seed == null ? seed : numbered(seed, block + 1);
        }
        return seeds;
    }

    private static String numbered(String seed, int block) {
        String numbered = seed + "-" + block;
        return numbered.length() == READ_AS_NATIONALITY ? seed + "--" + block : numbered;
    }
}
