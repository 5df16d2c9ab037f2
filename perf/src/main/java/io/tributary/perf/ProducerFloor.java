package io.tributary.perf;

import io.tributary.embedded.EmbeddedStack.Part;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Records as they lie on our topic, sent again in a loop by Kafka's own producer with the settings of ingest's. */
final class ProducerFloor implements Floor {
    private static final String TOPIC = "floor.users";
    private static final int RECORDS = 50_000;
    private static final Duration POLL = Duration.ofSeconds(5);

    private final String bootstrap;
    private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();

    /** Reads the records; there must be some. */
    ProducerFloor(Topics topics) throws Exception {
        this.bootstrap = topics.bootstrap();
        topics.create(TOPIC);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = IntStream.range(
                            0, consumer.partitionsFor(Topics.USERS).size())
                    .mapToObj(partition -> new TopicPartition(Topics.USERS, partition))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long wanted = Math.min(RECORDS, topics.records(Topics.USERS));
            while (records.size() < wanted) {
                consumer.poll(POLL).forEach(records::add);
            }
        }
    }

    @Override
    public String name() {
        return "producer";
    }

    @Override
    public Part server() {
        return Part.KAFKA;
    }

    @Override
    public void run(int users) throws IOException {
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        Map<String, Object> asIngest = Map.of(
                "bootstrap.servers",
                bootstrap,
                "acks",
                "all",
                "enable.idempotence",
                true,
                "compression.type",
                "lz4",
                "linger.ms",
                5,
                "batch.size",
                64 * 1024,
                "buffer.memory",
                16L * 1024 * 1024);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(asIngest, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < users; i++) {
                ConsumerRecord<byte[], byte[]> record = records.get(i % records.size());
                var unused = producer.send(
                        new ProducerRecord<>(TOPIC, null, record.timestamp(), record.key(), record.value()),
                        (sent, error) -> failure.compareAndSet(null, error));
            }
            producer.flush();
        }
        Exception cause = failure.get();
        if (cause != null) {
            throw new IOException("Kafka did not take a record", cause);
        }
    }
}
