package io.tributary.perf;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Topics of the stack's broker, and how far they were read. */
final class Topics implements AutoCloseable {
    /** Where ingest publishes. */
    static final String USERS = "randomuser.users";

    private static final String GROUP = "tributary-stream";
    private static final int PARTITIONS = 4;
    private static final long ANSWER_SECONDS = 30;
    private static final Duration LOOK = Duration.ofMillis(50);

    private final String bootstrap;
    private final Admin admin;

    Topics(String bootstrap) {
        this.bootstrap = bootstrap;
        this.admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
    }

    String bootstrap() {
        return bootstrap;
    }

    /** One more with as many partitions as ours; it takes records when this returns. */
    void create(String topic) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, PARTITIONS, (short) 1)))
                .all()
                .get(ANSWER_SECONDS, TimeUnit.SECONDS);
        Bench.until(LOOK, () -> isLed(topic)); // a batch sent before would be stuck (KAFKA-15591)
    }

    private boolean isLed(String topic) throws InterruptedException, TimeoutException, ExecutionException {
        try {
            return records(topic) == 0;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return false;
            }
            throw e;
        }
    }

    /** Records that were ever appended. */
    long records(String topic) throws ExecutionException, InterruptedException, TimeoutException {
        return ends(topic).values().stream().mapToLong(Long::longValue).sum();
    }

    /** Records on our topic that the stream has not passed with both of its queries, as its group shows it. */
    long lag() throws ExecutionException, InterruptedException, TimeoutException {
        Map<TopicPartition, Long> passed = new HashMap<>();
        admin.listConsumerGroupOffsets(GROUP)
                .partitionsToOffsetAndMetadata()
                .get(ANSWER_SECONDS, TimeUnit.SECONDS)
                .forEach((partition, at) -> passed.put(partition, at.offset()));
        long lag = 0;
        for (Map.Entry<TopicPartition, Long> end : ends(USERS).entrySet()) {
            lag += end.getValue() - passed.getOrDefault(end.getKey(), 0L);
        }
        return lag;
    }

    private Map<TopicPartition, Long> ends(String topic)
            throws ExecutionException, InterruptedException, TimeoutException {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            asked.put(new TopicPartition(topic, partition), OffsetSpec.latest());
        }
        Map<TopicPartition, Long> ends = new HashMap<>();
        admin.listOffsets(asked)
                .all()
                .get(ANSWER_SECONDS, TimeUnit.SECONDS)
                .forEach((partition, end) -> ends.put(partition, end.offset()));
        return ends;
    }

    @Override
    public void close() {
        admin.close();
    }
}
