package io.tributary.ingest.sink.kafka;

import io.tributary.ingest.kafka.KafkaFailure;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.CapturedPage.EncodedEvent;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.PublishFailed;
import io.tributary.ingest.sink.PageSink;
import io.tributary.ingest.sink.RecordTopics;
import io.tributary.schemas.Brokers;
import io.tributary.schemas.SchemaRegistry;
import io.tributary.schemas.SchemaRegistry.RegistryFailed;
import io.tributary.schemas.UserEventEncoder;
import io.tributary.schemas.UserEventSchema;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.kafka.sender.SenderOptions;
import reactor.kafka.sender.SenderRecord;

/**
 * Keyed by user id, so that every copy of one user lands in one partition; in the Confluent wire format; acknowledged by
 * all in-sync replicas; the record's timestamp is the event time.
 */
public final class UserTopic implements PageSink, RecordTopics, AutoCloseable {
    /**
     * No record is larger, with its key, headers and batch: a user has 17 texts of at most 10,000 characters, 3 bytes each in UTF-8,
     * which is 510,000 bytes, and less than 1,000 more.
     */
    public static final int LARGEST_RECORD_BYTES = 512 * 1024;

    /** A page is asked for whole: if the producer's own thread asked for the rest, a full buffer would stop that thread. */
    private static final int LARGEST_PAGE = 5_000;

    private static final Duration DELIVERY_TIMEOUT = Duration.ofMinutes(2);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration BUFFER_WAIT = Duration.ofMinutes(1);

    private static final String REPLAY_HEADER = "tributary-replay";

    private final String topic;
    private final KafkaCluster cluster;
    private final SchemaRegistry registry;
    private final RenewedSender sender;
    private final Scheduler senders;

    /**
     * A producer of its own.
     *
     * @param producerBytes that records may take while they wait
     * @param pagesInFlight pages that are published at once, each on a thread that may wait for the buffer
     */
    public UserTopic(
            Brokers brokers,
            String clientId,
            String topic,
            KafkaCluster cluster,
            SchemaRegistry registry,
            int producerBytes,
            int pagesInFlight) {
        this.topic = topic;
        this.cluster = cluster;
        this.registry = registry;
        this.senders = Schedulers.newBoundedElastic(pagesInFlight, LARGEST_PAGE, "kafka-send");
        this.sender = new RenewedSender(options(brokers, clientId, producerBytes), senders);
    }

    private static SenderOptions<String, byte[]> options(Brokers brokers, String clientId, int producerBytes) {
        return SenderOptions.<String, byte[]>create(brokers.client(Map.of(
                        ProducerConfig.CLIENT_ID_CONFIG,
                        clientId,
                        ProducerConfig.ACKS_CONFIG,
                        "all",
                        ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                        true,
                        ProducerConfig.COMPRESSION_TYPE_CONFIG,
                        "lz4",
                        ProducerConfig.LINGER_MS_CONFIG,
                        5,
                        ProducerConfig.BATCH_SIZE_CONFIG,
                        64 * 1024,
                        ProducerConfig.BUFFER_MEMORY_CONFIG,
                        (long) producerBytes,
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        (int) DELIVERY_TIMEOUT.toMillis(),
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                        (int) REQUEST_TIMEOUT.toMillis())))
                .withKeySerializer(new StringSerializer())
                .withValueSerializer(new ByteArraySerializer())
                .producerProperty(ProducerConfig.MAX_BLOCK_MS_CONFIG, BUFFER_WAIT.toMillis())
                .producerProperty(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 2 * LARGEST_RECORD_BYTES)
                .producerProperty(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1_000)
                .maxInFlight(LARGEST_PAGE)
                .closeTimeout(Duration.ZERO) // what is not acknowledged is published again by the page's next lease
                .stopOnError(true);
    }

    @Override
    public Mono<Void> deliver(CapturedPage page) {
        return send(page, topic, List.of());
    }

    @Override
    public Mono<Void> ensure(String other) {
        return cluster.ensure(other);
    }

    /** In the bytes stands the id that our own subject gave; the other topic's gets the same schema. */
    @Override
    public Mono<Void> publish(CapturedPage page, String other, UUID replay) {
        Header header = new RecordHeader(REPLAY_HEADER, replay.toString().getBytes(StandardCharsets.UTF_8));
        return registered(other)
                .onErrorMap(e -> new PublishFailed(kindOf(e), page.lease() + ": topic " + other + ": " + words(e), e))
                .then(send(page, other, List.of(header)));
    }

    private Mono<Void> send(CapturedPage page, String target, List<Header> headers) {
        return schemaId()
                .flatMap(id -> sender.send(
                                Flux.fromIterable(page.events()).map(event -> record(id, event, target, headers)))
                        .then()
                        .subscribeOn(senders))
                .onErrorMap(e -> new PublishFailed(kindOf(e), page.lease() + ": topic " + target + ": " + words(e), e));
    }

    /** The id of our schema, registered when it is not yet; completes when the registry has answered once. */
    public Mono<Integer> schemaId() {
        return registered(topic);
    }

    private Mono<Integer> registered(String target) {
        return Mono.fromFuture(
                () -> registry.register(UserEventSchema.subjectOf(target), UserEventSchema.schema()), true);
    }

    private static SenderRecord<String, byte[], Integer> record(
            int schemaId, EncodedEvent encoded, String target, List<Header> headers) {
        return SenderRecord.create(
                new ProducerRecord<>(
                        target,
                        null,
                        encoded.event().capturedAt().toEpochMilli(),
                        encoded.event().user().userId().toString(),
                        UserEventEncoder.framed(schemaId, encoded.body()),
                        headers),
                encoded.event().position());
    }

    private static Kind kindOf(Throwable error) {
        Throwable cause = Exceptions.unwrap(error);
        if (cause instanceof RegistryFailed registry) {
            return registry.isTransient() ? Kind.TRANSIENT : Kind.REJECTED;
        }
        return KafkaFailure.kindOf(cause);
    }

    private static String words(Throwable error) {
        Throwable cause = Exceptions.unwrap(error);
        return cause instanceof RegistryFailed ? cause.toString() : KafkaFailure.words(cause);
    }

    @Override
    public void close() {
        sender.close();
        senders.dispose();
    }
}
