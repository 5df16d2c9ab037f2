package io.tributary.ingest.reconcile;

import io.tributary.ingest.model.IngestException.ReadFailed;
import io.tributary.schemas.SchemaRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * A run's records on the topic, decoded and hashed: all of them, from before the run began to where the topic ends when
 * the reading begins. Reads only: no group, no commits.
 *
 * <p>A consumer of its own for each reading, on a thread of the given scheduler; a cancel wakes it and closes it.
 */
final class KafkaRecords implements StoreReader {
    static final String STORE = "kafka";

    /** Of one broker's answer; with its decompressed half it is what a reading holds beside the pages. */
    private static final int FETCH_BYTES = 8 * 1024 * 1024;

    private static final int POLL_RECORDS = 5_000;
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(15);

    private final String bootstrap;
    private final String topic;
    private final SchemaRegistry registry;
    private final Scheduler threads;
    private final Duration patience;

    /**
     * A reader of one topic.
     *
     * @param threads may be blocked; one for each reading at the same time
     * @param patience longest time without any record while some are left
     */
    KafkaRecords(String bootstrap, String topic, SchemaRegistry registry, Scheduler threads, Duration patience) {
        this.bootstrap = bootstrap;
        this.topic = topic;
        this.registry = registry;
        this.threads = threads;
        this.patience = patience;
    }

    @Override
    public String store() {
        return STORE;
    }

    @Override
    public Flux<PageContent> read(Slice slice) {
        return Mono.<TopicPages>create(sink -> {
                    AtomicBoolean cancelled = new AtomicBoolean();
                    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
                        sink.onCancel(() -> {
                            cancelled.set(true);
                            consumer.wakeup();
                        });
                        TopicPages pages = new TopicPages(slice, registry, CALL_TIMEOUT);
                        new TopicReading(consumer, topic, patience)
                                .read(slice.run().createdAt(), pages);
                        sink.success(pages);
                    } catch (RuntimeException e) {
                        if (!cancelled.get()) { // it was woken to be closed
                            sink.error(readFailed(e));
                        }
                    }
                })
                .subscribeOn(threads)
                .flatMapIterable(TopicPages::contents);
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        Map<String, Object> settings = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrap,
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                false,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                POLL_RECORDS,
                ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
                FETCH_BYTES,
                ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                (int) CALL_TIMEOUT.toMillis(),
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                (int) CALL_TIMEOUT.toMillis());
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static Throwable readFailed(RuntimeException error) {
        return error instanceof KafkaException
                ? new ReadFailed(STORE + " could not be read: " + error.getMessage(), error)
                : error;
    }
}
