package io.tributary.ingest.api;

import java.util.Arrays;
import java.util.Optional;

/** What a token may do; no scope holds another. The words are the contract's. */
enum Scope {
    RUNS_READ("runs:read"),
    RUNS_WRITE("runs:write"),
    METRICS("metrics");

    private final String word;

    Scope(String word) {
        this.word = word;
    }

    static Optional<Scope> of(String word) {
        return Arrays.stream(values()).filter(scope -> scope.word.equals(word)).findFirst();
    }

    @Override
    public String toString() {
        return word;
    }
}
