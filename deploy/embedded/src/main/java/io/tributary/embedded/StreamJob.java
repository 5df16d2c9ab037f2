package io.tributary.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A bounded job of the stream, such as {@code rebuild TOPIC}, as a child process beside a stack that is up, with that stack's
 * addresses. It takes 512 MB of heap for as long as it runs, and ends by itself.
 */
public final class StreamJob {
    private StreamJob() {}

    /**
     * Starts it. Its standard output is for the caller; what it says about its way goes to {@code logs/stream-job.log}.
     *
     * @param home the built project
     * @param dataDir the folder of the stack
     */
    public static Process start(Path home, Path dataDir, Addresses addresses, List<String> arguments)
            throws IOException {
        Path logs = Files.createDirectories(dataDir.resolve("logs"));
        Path work = Files.createDirectories(dataDir.resolve("stream-job"));
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(List.of(
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-Djava.io.tmpdir=" + work,
                "-Djava.net.preferIPv4Stack=true"));
        line.addAll(JavaOptions.sparkOpens());
        line.addAll(List.of("-cp", new ClassPaths(home).ofModule("spark-stream"), "io.tributary.stream.StreamJob"));
        line.addAll(arguments);
        ProcessBuilder job = new ProcessBuilder(line)
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        logs.resolve("stream-job.log").toFile()));
        job.environment().keySet().removeIf(key -> key.startsWith("STREAM_"));
        job.environment().putAll(environment(addresses, work));
        return job.start();
    }

    private static Map<String, String> environment(Addresses addresses, Path work) {
        return Map.of(
                "SPARK_LOCAL_IP", "127.0.0.1",
                "STREAM_KAFKA_BOOTSTRAP", addresses.kafkaBootstrap().orElseThrow(),
                "STREAM_REGISTRY_URL", addresses.registryUrl().orElseThrow().toString(),
                "STREAM_CASSANDRA_CONTACT", addresses.cassandraContact().orElseThrow(),
                "STREAM_CASSANDRA_DATACENTER", addresses.datacenter(),
                "STREAM_CHECKPOINT_DIR", work.toString());
    }
}
