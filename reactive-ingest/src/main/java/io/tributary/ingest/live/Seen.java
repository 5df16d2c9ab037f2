package io.tributary.ingest.live;

import io.tributary.ingest.ledger.RunBoard;
import io.tributary.ingest.model.RunProgress;
import io.tributary.ingest.reconcile.Windows.WindowCounts;
import io.tributary.ingest.sink.kafka.TopicProgress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/** What one watch has seen so far: the last answers, and of each run that is shown its row and its count. */
final class Seen {
    final Latest<Map<String, Optional<String>>> servers;
    final Latest<TopicProgress> topic;
    final Latest<List<RunBoard.Row>> rows;
    /** Cassandra has answered for every run that it was asked about. */
    final Latest<Boolean> counts;

    final Latest<List<WindowCounts>> windows;
    final Stages stages;
    volatile Map<UUID, RunBoard.Row> known = Map.of();

    private final Scheduler scheduler;
    private final Map<UUID, Long> countOf = new ConcurrentHashMap<>();
    private final AtomicLong countedInAll = new AtomicLong();

    Seen(int slots, Scheduler scheduler) {
        this.scheduler = scheduler;
        this.servers = new Latest<>(scheduler);
        this.topic = new Latest<>(scheduler);
        this.rows = new Latest<>(scheduler);
        this.counts = new Latest<>(scheduler);
        this.windows = new Latest<>(scheduler);
        this.stages = new Stages(slots);
    }

    long nowMs() {
        return scheduler.now(TimeUnit.MILLISECONDS);
    }

    void rows(List<RunBoard.Row> found) {
        known = found.stream()
                .collect(
                        Collectors.toUnmodifiableMap(row -> row.progress().run().id(), Function.identity()));
        countOf.keySet().retainAll(known.keySet());
        rows.set(found);
    }

    /** A run that is seen for the first time brings nothing: what was counted of it may be long ago. */
    void counted(UUID run, long users) {
        Long before = countOf.put(run, users);
        if (before != null) {
            countedInAll.addAndGet(Math.max(0, users - before));
        }
    }

    long countedInAll() {
        return countedInAll.get();
    }

    @Nullable
    Long countOf(UUID run) {
        return countOf.get(run);
    }

    boolean isSettled(RunProgress progress) {
        Long users = countOf.get(progress.run().id());
        return users != null && progress.isSettledAt(users);
    }

    /** Users that are in Kafka by the ledger and not in Cassandra yet, of the runs whose count is known. */
    long uncounted(List<RunBoard.Row> shown) {
        return shown.stream()
                .map(RunBoard.Row::progress)
                .mapToLong(this::uncounted)
                .sum();
    }

    private long uncounted(RunProgress progress) {
        Long users = countOf.get(progress.run().id());
        return users == null ? 0 : Math.max(0, progress.published() - users);
    }
}
