package io.tributary.ingest.sink.kafka;

import io.tributary.ingest.kafka.KafkaFailure;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.PublishFailed;
import io.tributary.schemas.Brokers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** Whether the brokers answer and have our topic. */
public final class KafkaCluster implements AutoCloseable {
    private static final int TIMEOUT_MS = 2_000;
    /** For those who watch: what takes longer is told as not known. */
    private static final int PROGRESS_MS = 1_000;

    private static final String DEAD_LETTERS = ".dlq";

    /** A topic that was just made is led within milliseconds; on a busy machine within seconds. */
    private static final Retry UNTIL_LED = Retry.fixedDelay(300, Duration.ofMillis(100))
            .filter(UnknownTopicOrPartitionException.class::isInstance)
            .onRetryExhaustedThrow((spec, last) -> last.failure());

    private final Admin admin;
    private final String topic;

    public KafkaCluster(Brokers brokers, String clientId, String topic) {
        this.topic = topic;
        this.admin = Admin.create(brokers.client(Map.of(
                AdminClientConfig.CLIENT_ID_CONFIG,
                clientId + "-admin",
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                TIMEOUT_MS,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                TIMEOUT_MS,
                AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
                1_000)));
    }

    /** Completes when the topic was described by its brokers; errors with {@code PublishFailed}, which says why not. */
    public Mono<Void> ping() {
        return described(topic)
                .onErrorMap(e -> new PublishFailed(KafkaFailure.kindOf(e), KafkaFailure.words(e), e))
                .then();
    }

    /**
     * Completes when our topic takes the largest record that there can be; errors with {@code PublishFailed} of kind {@code
     * REJECTED} where it does not, which says what to set, and {@code TRANSIENT} while the brokers can not say.
     */
    public Mono<Void> takesLargestRecord() {
        ConfigResource ours = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        return Mono.fromCompletionStage(
                        () -> admin.describeConfigs(List.of(ours), new DescribeConfigsOptions().timeoutMs(TIMEOUT_MS))
                                .all()
                                .toCompletionStage())
                .onErrorMap(e -> new PublishFailed(Kind.TRANSIENT, "topic " + topic + ": " + KafkaFailure.words(e), e))
                .flatMapIterable(Map::values) // of the one topic
                .map(config -> Integer.parseInt(
                        config.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value()))
                .filter(most -> most < UserTopic.LARGEST_RECORD_BYTES)
                .<Void>concatMap(most -> Mono.error(() -> new PublishFailed(
                        Kind.REJECTED,
                        "topic " + topic + ": its max.message.bytes is " + most + ", expected "
                                + UserTopic.LARGEST_RECORD_BYTES + " or more, as a user may be as large",
                        null)))
                .then();
    }

    /**
     * How far the topic is and how far {@code group} is with it, by the offsets that it has committed. Errors with {@code
     * PublishFailed} when the brokers do not say within a second. Who may not look at groups is not told about them.
     */
    public Mono<TopicProgress> progress(String group) {
        return Mono.zip(
                        ends(topic),
                        ends(topic + DEAD_LETTERS).map(Optional::of).onErrorReturn(Optional.empty()))
                .flatMap(ends -> committed(group).map(committed -> progress(ends.getT1(), committed, ends.getT2())))
                .onErrorMap(e -> new PublishFailed(KafkaFailure.kindOf(e), KafkaFailure.words(e), e));
    }

    private static TopicProgress progress(
            Map<TopicPartition, Long> ends,
            Map<TopicPartition, Long> committed,
            Optional<Map<TopicPartition, Long>> deadLetters) {
        long records = sum(ends);
        Long setAside = deadLetters.map(KafkaCluster::sum).orElse(null);
        if (committed.isEmpty()) {
            return new TopicProgress(records, null, null, setAside);
        }
        long waiting = ends.entrySet().stream()
                .mapToLong(end -> Math.max(0, end.getValue() - committed.getOrDefault(end.getKey(), 0L)))
                .sum();
        return new TopicProgress(records, records - waiting, waiting, setAside);
    }

    private static long sum(Map<TopicPartition, Long> offsets) {
        return offsets.values().stream().mapToLong(Long::longValue).sum();
    }

    private Mono<Map<TopicPartition, Long>> ends(String name) {
        return described(name, PROGRESS_MS)
                .map(found -> found.partitions().stream()
                        .collect(Collectors.toMap(
                                partition -> new TopicPartition(name, partition.partition()),
                                partition -> OffsetSpec.latest())))
                .flatMap(asked -> Mono.fromCompletionStage(
                        () -> admin.listOffsets(asked, new ListOffsetsOptions().timeoutMs(PROGRESS_MS))
                                .all()
                                .toCompletionStage()))
                .map(found -> found.entrySet().stream()
                        .collect(Collectors.toMap(
                                Map.Entry::getKey, end -> end.getValue().offset())));
    }

    /** Our topic's; empty when the group has committed none, and when we may not ask. */
    private Mono<Map<TopicPartition, Long>> committed(String group) {
        return Mono.fromCompletionStage(() -> admin.listConsumerGroupOffsets(
                                group, new ListConsumerGroupOffsetsOptions().timeoutMs(PROGRESS_MS))
                        .partitionsToOffsetAndMetadata()
                        .toCompletionStage())
                .map(found -> found.entrySet().stream()
                        .filter(one -> one.getKey().topic().equals(topic) && one.getValue() != null)
                        .collect(Collectors.toMap(
                                Map.Entry::getKey, one -> one.getValue().offset())))
                .onErrorReturn(ApiException.class, Map.of());
    }

    /** Completes once there is a topic of this name that takes records; one that is made is made like ours. */
    Mono<Void> ensure(String name) {
        return described(name)
                .onErrorResume(
                        UnknownTopicOrPartitionException.class,
                        unknown -> described(topic)
                                .flatMap(ours -> Mono.fromCompletionStage(
                                                () -> admin.createTopics(List.of(like(ours, name)))
                                                        .all()
                                                        .toCompletionStage())
                                        .onErrorResume(TopicExistsException.class, made -> Mono.empty())
                                        .then(led(name, ours.partitions().size()))
                                        .then(Mono.<TopicDescription>empty())))
                .onErrorMap(e ->
                        new PublishFailed(KafkaFailure.kindOf(e), "topic " + name + ": " + KafkaFailure.words(e), e))
                .then();
    }

    /**
     * Completes once the leader of every partition answers. A producer that is faster has its first batch refused and its second
     * one taken; then the first is out of order until its delivery times out (KAFKA-15591): two minutes for nothing.
     */
    private Mono<Void> led(String name, int partitions) {
        Map<TopicPartition, OffsetSpec> ends = IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(name, partition))
                .collect(Collectors.toMap(Function.identity(), partition -> OffsetSpec.latest()));
        return Mono.fromCompletionStage(() -> admin.listOffsets(ends).all().toCompletionStage())
                .retryWhen(UNTIL_LED)
                .then();
    }

    private Mono<TopicDescription> described(String name) {
        return described(name, TIMEOUT_MS);
    }

    private Mono<TopicDescription> described(String name, int timeoutMs) {
        return Mono.fromCompletionStage(
                        () -> admin.describeTopics(List.of(name), new DescribeTopicsOptions().timeoutMs(timeoutMs))
                                .allTopicNames()
                                .toCompletionStage())
                .map(found -> found.get(name));
    }

    private static NewTopic like(TopicDescription ours, String name) {
        short copies = (short) ours.partitions().get(0).replicas().size();
        return new NewTopic(name, ours.partitions().size(), copies);
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }
}
