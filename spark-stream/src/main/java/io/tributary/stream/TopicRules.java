package io.tributary.stream;

import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the topic of users must be like, or records are gone before they are counted: as many partitions as were planned
 * for, records kept by age alone and for long enough to count them again after an outage, none left out for a younger one
 * with the same key ({@code login.uuid} repeats).
 *
 * @param strict refuses to start on another topic; otherwise says what is wrong and goes on, for a broker on a desk
 */
record TopicRules(boolean strict, int leastPartitions, Duration leastRetention) implements Serializable {

    /** What is wrong with it, each problem with the topic's name and what was expected; empty when nothing is. */
    List<String> problems(String name, Optional<TopicFacts> found) {
        if (found.isEmpty()) {
            return List.of(
                    "topic " + name + " is missing, expected one of at least " + leastPartitions + " partitions");
        }
        TopicFacts topic = found.get();
        List<String> problems = new ArrayList<>();
        if (topic.partitions() < leastPartitions) {
            problems.add("topic " + name + " has " + topic.partitions() + " partitions, expected at least "
                    + leastPartitions);
        }
        if (topic.isCompacted()) {
            problems.add("topic " + name + " is compacted (cleanup.policy="
                    + topic.configs().get("cleanup.policy") + "), expected delete: users may share a key");
        }
        if (topic.retentionMs() >= 0 && topic.retentionMs() < leastRetention.toMillis()) {
            problems.add("topic " + name + " keeps records for " + Duration.ofMillis(topic.retentionMs())
                    + " (retention.ms), expected at least " + leastRetention);
        }
        if (topic.retentionBytes() >= 0) {
            problems.add("topic " + name + " keeps " + topic.retentionBytes()
                    + " bytes a partition (retention.bytes), expected -1: records may go before their time");
        }
        return problems;
    }
}
