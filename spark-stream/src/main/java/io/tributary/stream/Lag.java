package io.tributary.stream;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many records each query has not processed yet. The topic's ends are asked for every 2 s, on a thread of its own: a
 * query that stands still gives no news, and its lag must grow all the same. Ends older than 30 s are not shown.
 */
final class Lag implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lag.class);
    private static final Duration EVERY = Duration.ofSeconds(2);
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(5);
    private static final Duration FRESH = Duration.ofSeconds(30);

    private final Admin admin;
    private final Supplier<Map<String, Map<TopicPartition, Long>>> reached;
    private final ScheduledExecutorService every;
    private volatile @Nullable Ends ends;

    private record Ends(long atNanos, Map<TopicPartition, Long> offsets) {}

    /** @param reached by query, the offset after the last record that it has processed */
    Lag(Admin admin, Supplier<Map<String, Map<TopicPartition, Long>>> reached) {
        this.admin = admin;
        this.reached = reached;
        this.every = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "lag");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** From now on, for these partitions. */
    void watch(Set<TopicPartition> partitions) {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        partitions.forEach(partition -> asked.put(partition, OffsetSpec.latest()));
        var unused = every.scheduleWithFixedDelay(() -> ask(asked), 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void ask(Map<TopicPartition, OffsetSpec> asked) {
        try {
            Map<TopicPartition, Long> offsets = new HashMap<>();
            admin.listOffsets(asked, new ListOffsetsOptions().timeoutMs((int) ANSWER_WITHIN.toMillis()))
                    .all()
                    .get()
                    .forEach((partition, end) -> offsets.put(partition, end.offset()));
            ends = new Ends(System.nanoTime(), offsets);
        } catch (Exception e) { // the next one comes in 2 s
            LOG.debug("lag=unknown cause=\"{}\"", e.toString());
        }
    }

    /** By query and partition; empty as long as the broker does not answer. */
    Optional<Map<String, Map<TopicPartition, Long>>> now() {
        Ends known = ends;
        if (known == null || System.nanoTime() - known.atNanos > FRESH.toNanos()) {
            return Optional.empty();
        }
        return Optional.of(of(known.offsets, reached.get()));
    }

    /** A partition that a query has not begun counts from 0. */
    static Map<String, Map<TopicPartition, Long>> of(
            Map<TopicPartition, Long> ends, Map<String, Map<TopicPartition, Long>> reached) {
        Map<String, Map<TopicPartition, Long>> lag = new TreeMap<>();
        reached.forEach((query, at) -> {
            Map<TopicPartition, Long> behind = new HashMap<>();
            ends.forEach((partition, end) -> behind.put(partition, Math.max(0, end - at.getOrDefault(partition, 0L))));
            lag.put(query, behind);
        });
        return lag;
    }

    @Override
    public void close() {
        every.shutdownNow();
    }
}
