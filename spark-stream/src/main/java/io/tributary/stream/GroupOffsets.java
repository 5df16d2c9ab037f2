package io.tributary.stream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.spark.sql.streaming.SourceProgress;
import org.apache.spark.sql.streaming.StreamingQueryListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows every lag tool how far the stream is: after each batch the offsets that all queries are beyond are committed to a
 * consumer group. Nobody reads from them; the checkpoints decide where a query goes on.
 */
final class GroupOffsets extends StreamingQueryListener {
    private static final Logger LOG = LoggerFactory.getLogger(GroupOffsets.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Admin admin;
    private final String group;
    private final Set<String> queries;
    private final Map<String, Map<TopicPartition, Long>> reached = new ConcurrentHashMap<>();

    /**
     * For these queries.
     *
     * @param reachedBefore by name, how far a query was when this process began; may lack a query that never ran
     */
    GroupOffsets(Admin admin, String group, Set<String> queries, Map<String, Map<TopicPartition, Long>> reachedBefore) {
        this.admin = admin;
        this.group = group;
        this.queries = queries;
        this.reached.putAll(reachedBefore);
    }

    /** By query, the offsets after the last batch; every query is named, from the start. */
    Map<String, Map<TopicPartition, Long>> reached() {
        Map<String, Map<TopicPartition, Long>> now = new HashMap<>();
        queries.forEach(query -> now.put(query, reached.getOrDefault(query, Map.of())));
        return now;
    }

    @Override
    public void onQueryStarted(QueryStartedEvent event) {}

    @Override
    public void onQueryProgress(QueryProgressEvent event) {
        String query = event.progress().name();
        if (query == null || !queries.contains(query)) {
            return;
        }
        for (SourceProgress source : event.progress().sources()) {
            String end = source.endOffset();
            if (end != null && !end.isBlank() && !end.equals("null")) {
                reached.put(query, offsets(end));
            }
        }
        commit();
    }

    @Override
    public void onQueryTerminated(QueryTerminatedEvent event) {}

    private void commit() {
        if (!reached.keySet().containsAll(queries)) {
            return;
        }
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        lowest(reached).forEach((partition, offset) -> offsets.put(partition, new OffsetAndMetadata(offset)));
        if (offsets.isEmpty()) {
            return;
        }
        var unused = admin.alterConsumerGroupOffsets(group, offsets).all().whenComplete((done, failure) -> {
            if (failure != null) { // the next batch says it again
                LOG.warn("group={} state=offsets_not_committed cause=\"{}\"", group, failure.toString());
            }
        });
    }

    /** For each partition that all queries have begun, the offset of the slowest. */
    static Map<TopicPartition, Long> lowest(Map<String, Map<TopicPartition, Long>> reached) {
        Map<TopicPartition, Long> lowest = new HashMap<>();
        Map<TopicPartition, Integer> begun = new HashMap<>();
        reached.values()
                .forEach(query -> query.forEach((partition, offset) -> {
                    lowest.merge(partition, offset, Math::min);
                    begun.merge(partition, 1, Integer::sum);
                }));
        lowest.keySet().removeIf(partition -> begun.getOrDefault(partition, 0) < reached.size());
        return lowest;
    }

    /** Offsets as Spark writes them: {@code {"topic":{"0":12,"1":7}}}. */
    static Map<TopicPartition, Long> offsets(String json) {
        try {
            Map<TopicPartition, Long> offsets = new HashMap<>();
            JsonNode topics = JSON.readTree(json);
            if (!topics.isObject()) {
                throw new IllegalArgumentException("offsets that are not by topic");
            }
            for (Map.Entry<String, JsonNode> topic : topics.properties()) {
                for (Map.Entry<String, JsonNode> partition : topic.getValue().properties()) {
                    offsets.put(
                            new TopicPartition(topic.getKey(), Integer.parseInt(partition.getKey())),
                            partition.getValue().asLong());
                }
            }
            return offsets;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("offsets that are not JSON", e);
        }
    }
}
