package io.tributary.etl;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The comparison of the four stores for one run, as the control API tells it.
 *
 * @param stores ledger first, it is what the others are compared with
 * @param kafkaRecords records of the run in the topic, repeats included; -1 where it is not told
 * @param drift the first places where a store differs
 * @param driftTotal how many there are in all
 * @param phantoms runs on the topic that the ledger does not know; no difference of this run
 * @param json the whole answer, for {@code --json}
 */
record Reconciliation(
        String run,
        boolean deep,
        boolean equal,
        List<Store> stores,
        long kafkaRecords,
        List<Drift> drift,
        long driftTotal,
        List<Phantom> phantoms,
        JsonNode json) {
    private static final List<String> STORES = List.of("ledger", "postgres", "kafka", "cassandra");

    /** What one store holds of the run: users, and their digest as 16 hexadecimal digits. */
    record Store(String name, long users, String digest) {
        boolean agreesWith(Store other) {
            return users == other.users && digest.equals(other.digest);
        }
    }

    /** A place where a store differs; {@code position} is empty where a whole page does. Pages from 1, positions from 0. */
    record Drift(String store, long page, Optional<Long> position, String what) {}

    /** A run that nobody asked for, with its records on the topic. */
    record Phantom(String run, long records) {}

    Reconciliation {
        phantoms = List.copyOf(phantoms);
        stores = List.copyOf(stores);
        drift = List.copyOf(drift);
    }

    static Reconciliation of(JsonNode json) {
        Json.Reader reader = new Json.Reader("reconciliation", json);
        List<Store> stores = new ArrayList<>();
        for (String name : STORES) {
            Json.Reader store = reader.object(name);
            stores.add(new Store(name, store.whole("users"), store.text("digest")));
        }
        List<Drift> drift = new ArrayList<>();
        for (JsonNode one : json.path("drift")) {
            JsonNode position = one.path("position");
            drift.add(new Drift(
                    one.path("store").asText("?"),
                    one.path("page").asLong(),
                    position.canConvertToLong() ? Optional.of(position.longValue()) : Optional.empty(),
                    one.path("what").asText("")));
        }
        return new Reconciliation(
                reader.text("run"),
                json.path("deep").asBoolean(),
                reader.flag("equal"),
                stores,
                json.path("kafka").path("records").asLong(-1),
                drift,
                json.path("driftTotal").asLong(drift.size()),
                phantoms(json),
                json);
    }

    private static List<Phantom> phantoms(JsonNode json) {
        List<Phantom> phantoms = new ArrayList<>();
        json.path("phantomRuns")
                .forEach(one -> phantoms.add(new Phantom(
                        one.path("run").asText(""), one.path("records").asLong())));
        return phantoms;
    }

    Store ledger() {
        return stores.get(0);
    }

    long kafkaUsers() {
        return stores.get(2).users();
    }
}
