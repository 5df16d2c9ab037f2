package io.tributary.stream;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.kafka.common.TopicPartition;

/**
 * What the queries' checkpoints say before the queries run: {@code commits/N} for each finished batch, and in {@code
 * offsets/N} a version, a line about the batch and a line of offsets for each source (Spark 4.2).
 */
final class Checkpoints {
    private static final int SOURCE_LINE = 2;

    private final String folder;

    Checkpoints(String folder) {
        this.folder = folder;
    }

    /**
     * For a folder that does not say whose it is.
     *
     * @throws StartRefused when a query there reads anything but this topic, or keeps state where ours keeps none
     */
    void refuseForeign(String topic) throws IOException, StartRefused {
        for (String query : List.of(StreamQueries.COUNTER, StreamQueries.USERS)) {
            Path checkpoint = new Path(folder, query);
            FileSystem files = checkpoint.getFileSystem(new Configuration());
            OptionalLong last = lastBatch(files, new Path(checkpoint, "offsets"));
            if (last.isEmpty()) {
                continue;
            }
            List<String> lines = lines(files, new Path(checkpoint, "offsets/" + last.getAsLong()));
            boolean hasState = files.exists(new Path(checkpoint, "state"));
            boolean keepsState = query.equals(StreamQueries.COUNTER);
            if (!isOf(topic, lines) || (hasState && !keepsState)) {
                throw new StartRefused("the checkpoint in " + checkpoint + " is of another query than " + query
                        + " on topic " + topic + "; give STREAM_CHECKPOINT_DIR a folder of its own");
            }
        }
    }

    private static boolean isOf(String topic, List<String> lines) {
        if (lines.size() != SOURCE_LINE + 1) {
            return false;
        }
        try {
            Set<TopicPartition> partitions =
                    GroupOffsets.offsets(lines.get(SOURCE_LINE)).keySet();
            return !partitions.isEmpty()
                    && partitions.stream()
                            .allMatch(partition -> partition.topic().equals(topic));
        } catch (IllegalArgumentException e) { // not offsets of Kafka
            return false;
        }
    }

    /** The offsets that each query has finished; without those that never did. */
    Map<String, Map<TopicPartition, Long>> reached(List<String> queries) throws IOException {
        Map<String, Map<TopicPartition, Long>> reached = new HashMap<>();
        for (String query : queries) {
            Path checkpoint = new Path(folder, query);
            FileSystem files = checkpoint.getFileSystem(new Configuration());
            OptionalLong last = lastBatch(files, new Path(checkpoint, "commits"));
            if (last.isPresent()) {
                List<String> lines = lines(files, new Path(checkpoint, "offsets/" + last.getAsLong()));
                if (lines.size() > SOURCE_LINE) {
                    reached.put(query, GroupOffsets.offsets(lines.get(SOURCE_LINE)));
                }
            }
        }
        return reached;
    }

    private static OptionalLong lastBatch(FileSystem files, Path log) throws IOException {
        if (!files.exists(log)) {
            return OptionalLong.empty();
        }
        List<Long> batches = new ArrayList<>();
        for (FileStatus file : files.listStatus(log)) {
            String name = file.getPath().getName();
            if (name.matches("\\d{1,18}")) {
                batches.add(Long.parseLong(name));
            }
        }
        return batches.stream().mapToLong(Long::longValue).max();
    }

    private static List<String> lines(FileSystem files, Path path) throws IOException {
        if (!files.exists(path)) {
            return List.of();
        }
        try (FSDataInputStream in = files.open(path)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }
}
