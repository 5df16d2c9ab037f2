package io.tributary.ingest.reconcile;

import io.tributary.ingest.model.Run;
import io.tributary.ingest.reconcile.Reconciliation.Drift;
import io.tributary.ingest.reconcile.Reconciliation.Phantom;
import io.tributary.schemas.Digest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The three stores of one reconciliation as far as it is, and its result. */
final class Comparisons {
    /** The looking up of each user, a step of its own beside the stores. */
    static final String DEEP = "deep";

    private final Run run;
    private final boolean deep;
    private final Comparison postgres = new Comparison(PostgresRows.STORE);
    private final Comparison kafka = new Comparison(KafkaRecords.STORE);
    private final Comparison cassandra = new Comparison(CassandraSession.STORE);
    private final Map<String, Double> seconds = new HashMap<>();
    private final OtherRuns others = new OtherRuns();
    private List<Phantom> phantoms = List.of();
    private final BitSet responsesLost = new BitSet();
    private Digest ledger = Digest.EMPTY;

    Comparisons(Run run, boolean deep) {
        this.run = run;
        this.deep = deep;
    }

    Comparison postgres() {
        return postgres;
    }

    Comparison kafka() {
        return kafka;
    }

    Comparison cassandra() {
        return cassandra;
    }

    /** Of the first slice; the topic is read again for each. */
    OtherRuns others(Slice slice) {
        return slice.from() == 1 ? others : new OtherRuns();
    }

    OtherRuns others() {
        return others;
    }

    void phantoms(List<Phantom> unknown) {
        phantoms = unknown;
    }

    void ledger(Digest sums) {
        ledger = ledger.plus(sums);
    }

    /** The stored response of a page does not give what was captured. Said once, whoever needs it. */
    void responseLost(int page) {
        if (!responsesLost.get(page)) {
            responsesLost.set(page);
            postgres.differs(page, null, "stored response is not what was captured");
        }
    }

    /** Adds to the time that a step has taken; the steps of one slice end on different threads. */
    synchronized void took(String step, double moreSeconds) {
        seconds.merge(step, moreSeconds, Double::sum);
    }

    synchronized Reconciliation result() {
        List<Comparison> all = List.of(postgres, kafka, cassandra);
        return new Reconciliation(
                run.id(),
                deep,
                ledger,
                postgres.digest(),
                kafka.digest(),
                kafka.records(),
                cassandra.digest(),
                fairly(all.stream().map(Comparison::drift).toList()),
                all.stream().mapToLong(Comparison::driftTotal).sum(),
                phantoms,
                inOrder());
    }

    /** The stores end in any order, and are told in theirs; whole milliseconds. */
    private Map<String, Double> inOrder() {
        Map<String, Double> told = new LinkedHashMap<>();
        for (String step : List.of(postgres.store(), kafka.store(), cassandra.store(), DEEP)) {
            Double took = seconds.get(step);
            if (took != null) {
                told.put(step, Math.round(took * 1_000) / 1_000.0);
            }
        }
        return Collections.unmodifiableMap(told);
    }

    /** At most {@link Reconciliation#MAX_DRIFT}, from each store in turn, so that one broken store does not hide another. */
    static List<Drift> fairly(List<List<Drift>> byStore) {
        Comparator<Drift> byPlace = Comparator.comparingInt(Drift::page)
                .thenComparingInt(drift -> drift.position() == null ? -1 : drift.position());
        List<Deque<Drift>> left = byStore.stream()
                .map(drift -> drift.stream().sorted(byPlace).collect(Collectors.toCollection(ArrayDeque::new)))
                .collect(Collectors.toList());
        List<List<Drift>> taken = new ArrayList<>();
        left.forEach(store -> taken.add(new ArrayList<>()));
        int room = Reconciliation.MAX_DRIFT;
        while (room > 0 && left.stream().anyMatch(store -> !store.isEmpty())) {
            for (int store = 0; store < left.size() && room > 0; store++) {
                Drift next = left.get(store).poll();
                if (next != null) {
                    taken.get(store).add(next);
                    room--;
                }
            }
        }
        return taken.stream().flatMap(List::stream).toList();
    }

    /** Pages to be held against their stored response, by page. */
    List<Integer> suspects() {
        return Stream.of(postgres, kafka)
                .flatMap(store -> store.suspects().stream())
                .distinct()
                .sorted()
                .toList();
    }
}
