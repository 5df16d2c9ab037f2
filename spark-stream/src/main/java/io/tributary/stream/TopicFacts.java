package io.tributary.stream;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * A topic as the broker describes it.
 *
 * @param id of this life of the topic; another one when it was deleted and made again
 * @param configs in force, the broker's defaults among them
 */
record TopicFacts(String cluster, String name, String id, int partitions, Map<String, String> configs) {

    /** Asks the broker; empty where there is no such topic, throws where the broker can not be asked. */
    static Optional<TopicFacts> read(Admin admin, String name) throws ExecutionException, InterruptedException {
        TopicDescription topic;
        try {
            topic = admin.describeTopics(Set.of(name)).allTopicNames().get().get(name);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return Optional.empty();
            }
            throw e;
        }
        if (topic == null) {
            return Optional.empty();
        }
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
        Config config =
                admin.describeConfigs(List.of(resource)).all().get().getOrDefault(resource, new Config(List.of()));
        Map<String, String> configs = new HashMap<>();
        config.entries().forEach(entry -> configs.put(entry.name(), String.valueOf(entry.value())));
        String cluster = admin.describeCluster().clusterId().get();
        return Optional.of(new TopicFacts(
                cluster, name, topic.topicId().toString(), topic.partitions().size(), Map.copyOf(configs)));
    }

    boolean isCompacted() {
        return configs.getOrDefault("cleanup.policy", "").contains("compact");
    }

    /** Milliseconds, -1 for ever. */
    long retentionMs() {
        return whole("retention.ms");
    }

    /** Of a partition, -1 for as many as there are. */
    long retentionBytes() {
        return whole("retention.bytes");
    }

    private long whole(String key) {
        String value = configs.get(key);
        return value == null ? -1 : Long.parseLong(value);
    }
}
