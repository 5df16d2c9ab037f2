package io.tributary.embedded;

import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.schemas.Brokers;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TopicExistsException;

/** One Kafka broker that is its own KRaft controller, with our topics. */
record KafkaServer(
        DataDir dataDir, ClassPaths classPaths, Ports ports, List<String> jvm, Map<String, String> added, Keys keys)
        implements Server {
    private static final List<NewTopic> TOPICS =
            List.of(new NewTopic("randomuser.users", 4, (short) 1), new NewTopic("randomuser.users.dlq", 1, (short) 1));
    private static final Duration FORMATTED_WITHIN = Duration.ofSeconds(60);
    private static final int REQUEST_MS = 5_000;

    @Override
    public Part part() {
        return Part.KAFKA;
    }

    @Override
    public void prepare() throws IOException, InterruptedException {
        Path folder = dataDir.of(part());
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("log4j2.xml"), QuietLog.LOG4J2);
        Files.write(folder.resolve("server.properties"), settings(data()));
        if (!Files.exists(data())) {
            format(folder);
        }
    }

    /** Into a folder beside it, then renamed: a format that was cut short is seen by the missing rename and done again. */
    private void format(Path folder) throws IOException, InterruptedException {
        Path half = folder.resolve("data.new");
        Path settings = folder.resolve("format.properties");
        DataDir.delete(half);
        Files.write(settings, settings(half));
        List<String> line = java();
        line.addAll(List.of(
                "kafka.tools.StorageTool",
                "format",
                "--standalone",
                "-t",
                Uuid.randomUuid().toString(),
                "-c",
                settings.toString()));
        dataDir.runToEnd(part(), Map.of(), line, FORMATTED_WITHIN);
        Files.move(half, data(), StandardCopyOption.ATOMIC_MOVE);
        Files.delete(settings);
    }

    private Path data() {
        return dataDir.of(part()).resolve("data");
    }

    private List<String> settings(Path data) {
        String broker = ports.hostPort(Ports.Slot.KAFKA);
        String controller = ports.hostPort(Ports.Slot.KAFKA_CONTROLLER);
        String listeners = "PLAINTEXT://" + broker + ",CONTROLLER://" + controller;
        List<String> lines = new ArrayList<>(List.of(
                "process.roles=broker,controller",
                "node.id=1",
                "controller.quorum.bootstrap.servers=" + controller,
                "controller.listener.names=CONTROLLER",
                "listeners=" + listeners,
                "advertised.listeners=" + listeners,
                "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                "inter.broker.listener.name=PLAINTEXT",
                "log.dirs=" + data,
                "auto.create.topics.enable=false",
                "num.partitions=4",
                "default.replication.factor=1",
                "offsets.topic.replication.factor=1",
                "offsets.topic.num.partitions=1",
                "transaction.state.log.replication.factor=1",
                "transaction.state.log.min.isr=1",
                "transaction.state.log.num.partitions=1",
                "share.coordinator.state.topic.replication.factor=1",
                "share.coordinator.state.topic.min.isr=1",
                "group.initial.rebalance.delay.ms=0",
                // after a kill -9 the broker is let in again once its former life has timed out: 3 s, not 9
                "broker.session.timeout.ms=3000",
                "broker.heartbeat.interval.ms=500",
                "log.cleaner.dedupe.buffer.size=16777216",
                "num.network.threads=2",
                "num.io.threads=4"));
        added.forEach((key, value) -> lines.add(key + "=" + value.replace("\\", "\\\\"))); // the last one wins
        return lines;
    }

    @Override
    public List<String> command() throws IOException {
        List<String> line = java();
        line.addAll(List.of(
                "kafka.Kafka", dataDir.of(part()).resolve("server.properties").toString()));
        return line;
    }

    private List<String> java() throws IOException {
        List<String> line = new ArrayList<>(JavaOptions.command(part(), dataDir, jvm));
        line.addAll(List.of(
                "-Dlog4j2.configurationFile=" + dataDir.of(part()).resolve("log4j2.xml"),
                "-cp",
                classPaths.ofServer("kafka")));
        return line;
    }

    /** Compares the cluster's id: a port may still be another broker's. */
    @Override
    public void awaken() throws IOException, InterruptedException, ExecutionException, TimeoutException {
        Asking.listening(ports.of(Ports.Slot.KAFKA));
        Brokers broker = new Brokers(ports.hostPort(Ports.Slot.KAFKA), keys.kafka());
        Map<String, Object> settings = broker.client(Map.of(
                AdminClientConfig.CLIENT_ID_CONFIG,
                "tributary-launcher",
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                REQUEST_MS,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                REQUEST_MS));
        Admin admin = Admin.create(settings);
        try {
            String cluster = admin.describeCluster().clusterId().get(REQUEST_MS, TimeUnit.MILLISECONDS);
            if (!clusterId().equals(cluster)) {
                throw new IOException("the broker on this port is of cluster " + cluster + ", not ours");
            }
            createTopics(admin);
            leadersAnswer(admin);
        } finally {
            admin.close(Duration.ZERO);
        }
    }

    private static void createTopics(Admin admin) throws InterruptedException, ExecutionException, TimeoutException {
        Set<String> there = admin.listTopics().names().get(REQUEST_MS, TimeUnit.MILLISECONDS);
        for (NewTopic topic : TOPICS) {
            if (there.contains(topic.name())) {
                continue;
            }
            try {
                admin.createTopics(List.of(topic)).all().get(REQUEST_MS, TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
        }
    }

    /**
     * Fails where a partition has no leader yet. A producer that is faster than a new partition's leader has its first batch
     * refused and its second one taken; then the first is out of order until its delivery times out (KAFKA-15591).
     */
    private static void leadersAnswer(Admin admin) throws InterruptedException, ExecutionException, TimeoutException {
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        for (NewTopic topic : TOPICS) {
            for (int partition = 0; partition < topic.numPartitions(); partition++) {
                ends.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
            }
        }
        admin.listOffsets(ends).all().get(REQUEST_MS, TimeUnit.MILLISECONDS);
    }

    private String clusterId() throws IOException {
        Properties meta = new Properties();
        try (Reader reader = Files.newBufferedReader(data().resolve("meta.properties"))) {
            meta.load(reader);
        }
        return meta.getProperty("cluster.id", "");
    }
}
