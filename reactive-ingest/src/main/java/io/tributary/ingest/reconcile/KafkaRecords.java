package io.tributary.ingest.reconcile;

import io.tributary.ingest.kafka.KafkaFailure;
import io.tributary.ingest.model.IngestException.ReadFailed;
import io.tributary.schemas.Brokers;
import io.tributary.schemas.SchemaRegistry;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
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
    private static final Duration LONGEST_CALL = Duration.ofSeconds(15);

    private final Brokers brokers;
    private final String topic;
    private final SchemaRegistry registry;
    private final Scheduler threads;
    private final Duration patience;
    private final Duration callTimeout;

    /**
     * A reader of one topic.
     *
     * @param threads may be blocked; one for each reading at the same time
     * @param patience longest time without any record while some are left, and without an answer to any question
     */
    KafkaRecords(Brokers brokers, String topic, SchemaRegistry registry, Scheduler threads, Duration patience) {
        this.brokers = brokers;
        this.topic = topic;
        this.registry = registry;
        this.threads = threads;
        this.patience = patience;
        this.callTimeout = patience.compareTo(LONGEST_CALL) < 0 ? patience : LONGEST_CALL;
    }

    @Override
    public String store() {
        return STORE;
    }

    @Override
    public Flux<PageContent> read(Slice slice) {
        return read(slice, new OtherRuns());
    }

    @Override
    public Flux<PageContent> read(Slice slice, OtherRuns others) {
        return Mono.<TopicPages>create(sink -> {
                    Cancel cancel = new Cancel();
                    sink.onCancel(cancel);
                    // not subscribeOn: its cancel interrupts, and an interrupted consumer does not close in good order
                    Disposable unused = threads.schedule(() -> read(slice, others, cancel, sink));
                })
                .flatMapIterable(TopicPages::contents);
    }

    private void read(Slice slice, OtherRuns others, Cancel cancel, MonoSink<TopicPages> sink) {
        if (cancel.isDisposed()) {
            return;
        }
        try {
            TopicPages pages = new TopicPages(slice, others, registry, callTimeout);
            try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
                cancel.wakes(consumer);
                new TopicReading(consumer, topic, patience).read(slice.run().createdAt(), pages);
            }
            sink.success(pages);
        } catch (RuntimeException e) {
            if (!cancel.isDisposed()) { // otherwise it was woken to be closed
                sink.error(readFailed(e));
            }
        }
    }

    /** Wakes the consumer, whichever of the two is there first. */
    private static final class Cancel implements Disposable {
        private boolean cancelled;
        private @Nullable KafkaConsumer<byte[], byte[]> consumer;

        synchronized void wakes(KafkaConsumer<byte[], byte[]> made) {
            consumer = made;
            if (cancelled) {
                made.wakeup();
            }
        }

        @Override
        public synchronized void dispose() {
            cancelled = true;
            if (consumer != null) {
                consumer.wakeup();
            }
        }

        @Override
        public synchronized boolean isDisposed() {
            return cancelled;
        }
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        Map<String, Object> settings = brokers.client(Map.of(
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
                (int) callTimeout.toMillis(),
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                (int) callTimeout.toMillis()));
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static Throwable readFailed(RuntimeException error) {
        return error instanceof KafkaException
                ? new ReadFailed(STORE + " could not be read: " + KafkaFailure.words(error), error)
                : error;
    }
}
