package io.tributary.ingest.sink.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import reactor.core.publisher.Mono;

/** Whether the brokers answer and have our topic. */
public final class KafkaCluster implements AutoCloseable {
    private static final int TIMEOUT_MS = 2_000;

    private final Admin admin;
    private final String topic;

    public KafkaCluster(String bootstrap, String clientId, String topic) {
        this.topic = topic;
        this.admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap,
                AdminClientConfig.CLIENT_ID_CONFIG, clientId + "-admin",
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS,
                AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1_000));
    }

    /** Completes when the topic was described by its brokers. */
    public Mono<Void> ping() {
        return Mono.fromCompletionStage(
                        () -> admin.describeTopics(List.of(topic), new DescribeTopicsOptions().timeoutMs(TIMEOUT_MS))
                                .allTopicNames()
                                .toCompletionStage())
                .then();
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }
}
