package io.tributary.ingest.prepare;

import io.tributary.schemas.BadConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * Our topics. Records are never dropped for their number (retention.bytes) nor compacted away: a page would fall short.
 *
 * @param partitions of the users' topic; the dead letters have one
 * @param minInsync copies that must have a record before it is acknowledged
 */
record Topics(
        String users,
        String deadLetters,
        int partitions,
        short replicas,
        int minInsync,
        Duration retention,
        Duration deadLetterRetention) {
    Topics {
        if (minInsync > replicas) {
            throw BadConfig.of("PREPARE_TOPIC_MIN_INSYNC", "at most PREPARE_TOPIC_REPLICAS, which is " + replicas);
        }
    }

    /**
     * Makes those that are missing, and gives those that are there the same settings and at least as many partitions: a topic
     * can not have fewer than it had.
     */
    void apply(Admin admin) throws InterruptedException, ExecutionException {
        Set<String> there = admin.listTopics().names().get();
        for (NewTopic topic : wanted()) {
            if (there.contains(topic.name()) || !made(admin, topic)) {
                settings(admin, topic);
                partitions(admin, topic);
            }
        }
    }

    List<NewTopic> wanted() {
        return List.of(
                new NewTopic(users, partitions, replicas).configs(settings(retention)),
                new NewTopic(deadLetters, 1, replicas).configs(settings(deadLetterRetention)));
    }

    private Map<String, String> settings(Duration kept) {
        return Map.of(
                TopicConfig.RETENTION_MS_CONFIG,
                Long.toString(kept.toMillis()),
                TopicConfig.RETENTION_BYTES_CONFIG,
                "-1",
                TopicConfig.CLEANUP_POLICY_CONFIG,
                TopicConfig.CLEANUP_POLICY_DELETE,
                TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG,
                Integer.toString(minInsync));
    }

    private static boolean made(Admin admin, NewTopic topic) throws InterruptedException, ExecutionException {
        try {
            admin.createTopics(List.of(topic)).all().get();
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TopicExistsException) { // somebody else was first
                return false;
            }
            throw e;
        }
    }

    private static void settings(Admin admin, NewTopic topic) throws InterruptedException, ExecutionException {
        List<AlterConfigOp> all = new ArrayList<>();
        topic.configs()
                .forEach((key, value) ->
                        all.add(new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET)));
        admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic.name()), all))
                .all()
                .get();
    }

    private static void partitions(Admin admin, NewTopic topic) throws InterruptedException, ExecutionException {
        int now = admin.describeTopics(List.of(topic.name())).allTopicNames().get().values().stream()
                .mapToInt(described -> described.partitions().size()) // of the one topic
                .sum();
        if (topic.numPartitions() > now) {
            admin.createPartitions(Map.of(topic.name(), NewPartitions.increaseTo(topic.numPartitions())))
                    .all()
                    .get();
        }
    }
}
