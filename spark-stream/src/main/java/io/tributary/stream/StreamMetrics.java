package io.tributary.stream;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.spark.sql.streaming.StreamingQueryProgress;
import org.jspecify.annotations.Nullable;

/**
 * Every metric of the stream, in Prometheus' text format; the only file with their names, which do not change. A value that
 * is not known is left out. Records that left a query's lag and records processed are the same ones; a dead letter is one
 * of them.
 */
record StreamMetrics(
        Supplier<List<StandingQuery>> queries,
        Supplier<Optional<Map<String, Map<TopicPartition, Long>>>> lag,
        Supplier<Map<String, Long>> deadLetters) {

    /** One scrape, from memory. */
    String text() {
        Page page = new Page();
        List<StandingQuery> all = queries.get();
        page.family("tributary_stream_query_up", "gauge", "1 while the query runs and processes records.");
        all.forEach(query ->
                page.sample(label("query", query.name()), query.problem().isEmpty() ? 1 : 0));
        page.family(
                "tributary_stream_query_restarts_total",
                "counter",
                "Times the query was started again after a failure.");
        all.forEach(query -> page.sample(label("query", query.name()), query.restarts()));
        page.family(
                "tributary_stream_lag_records", "gauge", "Records in the topic that the query has not processed yet.");
        lag.get()
                .ifPresent(byQuery -> byQuery.forEach((query, behind) -> inOrder(behind)
                        .forEach((partition, records) -> page.sample(
                                label("query", query) + "," + label("partition", Integer.toString(partition)),
                                records))));
        ofBatches(page, all);
        page.family(
                "tributary_stream_dead_letters_total", "counter", "Records sent to the dead letter topic, by reason.");
        deadLetters.get().forEach((reason, letters) -> page.sample(label("reason", reason), letters));
        return page.text.toString();
    }

    private static void ofBatches(Page page, List<StandingQuery> all) {
        family(page, all, "tributary_stream_batch", "gauge", "Number of the last batch.", last ->
                (double) last.batchId());
        family(page, all, "tributary_stream_batch_records", "gauge", "Records of the last batch.", last ->
                (double) last.numInputRows());
        family(
                page,
                all,
                "tributary_stream_batch_seconds",
                "gauge",
                "How long the last batch took.",
                last -> last.durationMs().getOrDefault("triggerExecution", 0L) / 1000.0);
        family(
                page,
                all,
                "tributary_stream_input_records_per_second",
                "gauge",
                "Records a second that arrived before the last batch.",
                last -> last.inputRowsPerSecond());
        family(
                page,
                all,
                "tributary_stream_processed_records_per_second",
                "gauge",
                "Records a second while the last batch was at work.",
                last -> last.processedRowsPerSecond());
        family(
                page,
                all,
                "tributary_stream_state_memory_bytes",
                "gauge",
                "Memory of the state stores.",
                last -> state(last, true));
        family(
                page,
                all,
                "tributary_stream_state_entries",
                "gauge",
                "Pages whose state is kept.",
                last -> state(last, false));
    }

    private static @Nullable Double state(StreamingQueryProgress last, boolean memory) {
        if (last.stateOperators().length == 0) {
            return null;
        }
        return (double) (memory ? last.stateOperators()[0].memoryUsedBytes() : last.stateOperators()[0].numRowsTotal());
    }

    private static void family(
            Page page,
            List<StandingQuery> all,
            String name,
            String type,
            String help,
            Function<StreamingQueryProgress, @Nullable Double> value) {
        page.family(name, type, help);
        for (StandingQuery query : all) {
            Double now = query.lastProgress().map(value).orElse(null);
            if (now != null && Double.isFinite(now)) { // Spark divides by a batch of no time
                page.sample(label("query", query.name()), now);
            }
        }
    }

    private static Map<Integer, Long> inOrder(Map<TopicPartition, Long> behind) {
        Map<Integer, Long> ordered = new TreeMap<>();
        behind.forEach((partition, records) -> ordered.put(partition.partition(), records));
        return ordered;
    }

    private static String label(String name, String value) {
        return name + "=\"" + value + "\"";
    }

    /** Text as it grows. */
    private static final class Page {
        private final StringBuilder text = new StringBuilder();
        private String name = "";

        void family(String family, String type, String help) {
            name = family;
            text.append("# HELP ").append(family).append(' ').append(help).append('\n');
            text.append("# TYPE ").append(family).append(' ').append(type).append('\n');
        }

        void sample(String labels, double value) {
            boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
            text.append(name).append('{').append(labels).append("} ");
            text.append(whole ? Long.toString((long) value) : String.format(Locale.ROOT, "%.3f", value));
            text.append('\n');
        }
    }
}
