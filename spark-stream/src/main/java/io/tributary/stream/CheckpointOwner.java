package io.tributary.stream;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Whose progress a checkpoint folder holds, in its file {@code tributary.properties}. Offsets mean nothing on another topic,
 * not even on one of the same name that was made anew, and counts of one window size can not go on in another.
 */
record CheckpointOwner(String cluster, String topic, String topicId, long windowMs) {
    private static final String FILE = "tributary.properties";
    private static final String FORMAT = "1";

    /**
     * Makes the folder ours where it is nobody's.
     *
     * @throws StartRefused when it is of another stream; nothing was written then
     */
    void claim(String folder, Checkpoints checkpoints) throws IOException, StartRefused {
        Path file = new Path(folder, FILE);
        FileSystem files = file.getFileSystem(new Configuration());
        if (files.exists(file)) {
            compare(folder, read(files, file));
            return;
        }
        checkpoints.refuseForeign(topic);
        try (FSDataOutputStream out = files.create(file, false)) {
            StringBuilder text = new StringBuilder();
            facts().forEach((key, value) ->
                    text.append(key).append('=').append(value).append('\n'));
            out.write(text.toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    private void compare(String folder, Map<String, String> theirs) throws StartRefused {
        Map<String, String> ours = facts();
        StringBuilder differences = new StringBuilder();
        ours.forEach((key, value) -> {
            String other = theirs.getOrDefault(key, "none");
            if (!other.equals(value)) {
                differences.append(differences.isEmpty() ? "" : ", ");
                differences
                        .append(key)
                        .append(' ')
                        .append(other)
                        .append(" instead of ")
                        .append(value);
            }
        });
        if (!differences.isEmpty()) {
            throw new StartRefused("the checkpoint in " + folder + " is of another query: " + differences
                    + "; give STREAM_CHECKPOINT_DIR a folder of its own, or delete this one: everything in the topic"
                    + " is then counted again and no number falls");
        }
    }

    private Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("format", FORMAT);
        facts.put("cluster", cluster);
        facts.put("topic", topic);
        facts.put("topic_id", topicId);
        facts.put("window_ms", Long.toString(windowMs));
        return facts;
    }

    private static Map<String, String> read(FileSystem files, Path file) throws IOException {
        Properties properties = new Properties();
        try (FSDataInputStream in = files.open(file)) {
            properties.load(in);
        }
        Map<String, String> facts = new TreeMap<>();
        properties.stringPropertyNames().forEach(key -> facts.put(key, properties.getProperty(key)));
        return facts;
    }
}
