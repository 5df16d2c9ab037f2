package io.tributary.ingest.reconcile;

import io.tributary.schemas.Digest;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A run compared over its stores.
 *
 * @param deep whether each user was read back from Cassandra
 * @param ledger what was captured
 * @param kafkaRecords records of the run on the topic, repeated ones included
 * @param drift where a store differs from the ledger, by store and page; at most {@link #MAX_DRIFT}
 * @param driftTotal all differences found, those left out of {@code drift} included
 * @param phantoms runs that the ledger does not know, with records on the topic since this run began; no drift of this run, but
 *     the stream counts them
 * @param seconds how long each store took to read
 */
public record Reconciliation(
        UUID run,
        boolean deep,
        Digest ledger,
        Digest postgres,
        Digest kafka,
        long kafkaRecords,
        Digest cassandra,
        List<Drift> drift,
        long driftTotal,
        List<Phantom> phantoms,
        Map<String, Double> seconds) {
    public static final int MAX_DRIFT = 100;

    /** A difference between the ledger and a store. {@code position} is null where only the page is known. */
    public record Drift(String store, int page, @Nullable Integer position, String what) {}

    /** A run that nobody asked this ledger for. */
    public record Phantom(UUID run, long records) {}

    public boolean equal() {
        return driftTotal == 0 && ledger.equals(postgres) && ledger.equals(kafka) && ledger.equals(cassandra);
    }
}
