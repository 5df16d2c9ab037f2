package io.tributary.ingest.reconcile;

import io.tributary.ingest.model.IngestException.ReadFailed;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;

/** One walk over a topic, from a point in time to where it ends now. Blocks; belongs to the consumer's thread. */
final class TopicReading {
    /** A record's timestamp is its page's event time, the ledger's clock, as is the run's creation: a minute is generous. */
    private static final Duration SLACK = Duration.ofMinutes(1);

    private static final Duration POLL = Duration.ofMillis(250);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final String topic;
    private final Duration patience;

    TopicReading(KafkaConsumer<byte[], byte[]> consumer, String topic, Duration patience) {
        this.consumer = consumer;
        this.topic = topic;
        this.patience = patience;
    }

    void read(Instant since, Consumer<ConsumerRecord<byte[], byte[]>> each) {
        List<TopicPartition> partitions = partitions();
        consumer.assign(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        Set<TopicPartition> open = new HashSet<>(seek(since.minus(SLACK), ends));
        pauseOthers(partitions, open);
        long lastHeard = System.nanoTime();
        while (!open.isEmpty()) {
            ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
            for (ConsumerRecord<byte[], byte[]> record : polled) {
                if (record.offset() < end(ends, new TopicPartition(record.topic(), record.partition()))) {
                    each.accept(record);
                }
            }
            boolean moved = close(open, ends) || !polled.isEmpty();
            if (moved) {
                lastHeard = System.nanoTime();
            } else if (System.nanoTime() - lastHeard > patience.toNanos()) {
                throw new ReadFailed(
                        "kafka could not be read: " + open.size() + " of " + partitions.size() + " partitions of "
                                + topic + " gave nothing for " + patience,
                        null);
            }
        }
    }

    private List<TopicPartition> partitions() {
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        if (partitions.isEmpty()) {
            throw new ReadFailed("kafka could not be read: there is no topic " + topic, null);
        }
        return partitions;
    }

    /** Moves to the first record since then; returns the partitions that have one. */
    private Set<TopicPartition> seek(Instant since, Map<TopicPartition, Long> ends) {
        Map<TopicPartition, Long> times = ends.keySet().stream()
                .collect(Collectors.toMap(partition -> partition, partition -> since.toEpochMilli()));
        Map<TopicPartition, OffsetAndTimestamp> found = new HashMap<>(consumer.offsetsForTimes(times));
        found.values().removeIf(offset -> offset == null);
        found.entrySet().removeIf(entry -> entry.getValue().offset() >= end(ends, entry.getKey()));
        found.forEach((partition, offset) -> consumer.seek(partition, offset.offset()));
        return found.keySet();
    }

    private void pauseOthers(List<TopicPartition> partitions, Set<TopicPartition> open) {
        consumer.pause(partitions.stream()
                .filter(partition -> !open.contains(partition))
                .toList());
    }

    /** Lets go of partitions that are read to their end; whether there was one. */
    private boolean close(Set<TopicPartition> open, Map<TopicPartition, Long> ends) {
        List<TopicPartition> done = open.stream()
                .filter(partition -> consumer.position(partition) >= end(ends, partition))
                .toList();
        consumer.pause(done);
        done.forEach(open::remove);
        return !done.isEmpty();
    }

    private static long end(Map<TopicPartition, Long> ends, TopicPartition partition) {
        return ends.getOrDefault(partition, 0L);
    }
}
