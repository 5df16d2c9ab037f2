package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class StreamMetricsTest {
    private static final TopicPartition ZERO = new TopicPartition("users", 0);
    private static final TopicPartition TEN = new TopicPartition("users", 10);

    @Test
    void lagIsWhatIsInTheTopicAndNotYetBehindAQueryAlsoWhereItHasNotBegun() {
        Map<String, Map<TopicPartition, Long>> lag =
                Lag.of(Map.of(ZERO, 100L, TEN, 7L), Map.of("counter", Map.of(ZERO, 60L, TEN, 9L), "users", Map.of()));
        assertThat(lag).isEqualTo(Map.of("counter", Map.of(ZERO, 40L, TEN, 0L), "users", Map.of(ZERO, 100L, TEN, 7L)));
    }

    @Test
    void everyFamilyHasItsNameHelpAndTypeAlsoBeforeTheFirstBatch() {
        // Given
        Map<String, Long> letters = new TreeMap<>(Map.of("malformed", 3L, "impossible", 0L));
        StreamMetrics metrics = new StreamMetrics(
                List::of, () -> Optional.of(Map.of("counter", Map.of(TEN, 5L, ZERO, 40L))), () -> letters);
        // When
        String text = metrics.text();
        // Then
        assertThat(text.lines().filter(line -> line.startsWith("# TYPE")))
                .containsExactly(
                        "# TYPE tributary_stream_query_up gauge",
                        "# TYPE tributary_stream_query_restarts_total counter",
                        "# TYPE tributary_stream_lag_records gauge",
                        "# TYPE tributary_stream_batch gauge",
                        "# TYPE tributary_stream_batch_records gauge",
                        "# TYPE tributary_stream_batch_seconds gauge",
                        "# TYPE tributary_stream_input_records_per_second gauge",
                        "# TYPE tributary_stream_processed_records_per_second gauge",
                        "# TYPE tributary_stream_state_memory_bytes gauge",
                        "# TYPE tributary_stream_state_entries gauge",
                        "# TYPE tributary_stream_dead_letters_total counter");
        assertThat(text.lines().filter(line -> !line.startsWith("#")))
                .containsExactly(
                        "tributary_stream_lag_records{query=\"counter\",partition=\"0\"} 40",
                        "tributary_stream_lag_records{query=\"counter\",partition=\"10\"} 5",
                        "tributary_stream_dead_letters_total{reason=\"impossible\"} 0",
                        "tributary_stream_dead_letters_total{reason=\"malformed\"} 3");
    }
}
