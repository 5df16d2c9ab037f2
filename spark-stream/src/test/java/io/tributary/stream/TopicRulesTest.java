package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("bad-input-31")
class TopicRulesTest {
    private static final TopicRules RULES = new TopicRules(true, 4, Duration.ofDays(7));
    private static final Map<String, String> CONFIGS =
            Map.of("cleanup.policy", "delete", "retention.ms", "604800000", "retention.bytes", "-1");

    @ParameterizedTest
    @CsvSource({
        "3, retention.ms, 604800000, has 3 partitions",
        "4, retention.ms, 604799999, retention.ms",
        "4, retention.bytes, 1000000000, retention.bytes",
        "4, cleanup.policy, compact, is compacted",
        "4, cleanup.policy, 'compact,delete', is compacted"
    })
    @DisplayName("31 · fewer partitions, short retention and compaction are each named")
    void whatCanLoseRecordsIsNamed(int partitions, String key, String value, String named) {
        assertThat(RULES.problems("users", Optional.of(topic(partitions, key, value))))
                .singleElement()
                .asString()
                .contains("topic users", named, "expected");
    }

    @Test
    @DisplayName("31 · a topic that is missing is named")
    void aMissingTopicIsNamed() {
        assertThat(RULES.problems("users", Optional.empty()))
                .singleElement()
                .asString()
                .contains("topic users is missing");
    }

    @Test
    @DisplayName("31 · everything that is wrong is told at once, and nothing where nothing is")
    void allProblemsAreToldAtOnce() {
        assertThat(RULES.problems("users", Optional.of(topic(1, "cleanup.policy", "compact"))))
                .hasSize(2);
        assertThat(RULES.problems("users", Optional.of(topic(9, "retention.ms", "-1"))))
                .isEqualTo(List.of());
    }

    private static TopicFacts topic(int partitions, String key, String value) {
        Map<String, String> configs = new HashMap<>(CONFIGS);
        configs.put(key, value);
        return new TopicFacts("cluster", "users", "id", partitions, configs);
    }
}
