package io.tributary.stream;

import io.tributary.schemas.Brokers;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Records set aside, on a topic of their own: the bytes as they came, where they were and why in the headers {@code topic},
 * {@code partition}, {@code offset}, {@code reason}, {@code message}. At least once: a batch tried again sends them again,
 * with the same key ({@code topic/partition/offset}).
 */
final class DeadLetters {
    private static final Map<Brokers, Producer<String, byte[]>> OF_THIS_JVM = new ConcurrentHashMap<>();
    private static final int UNANSWERED = 1_000;

    private final Producer<String, byte[]> producer;
    private final String topic;
    private final Deque<Sent> unanswered = new ArrayDeque<>();

    private record Sent(ProducerRecord<String, byte[]> letter, Future<RecordMetadata> answer) {}

    DeadLetters(Producer<String, byte[]> producer, String topic) {
        this.producer = producer;
        this.topic = topic;
    }

    /** With the producer that all tasks of this JVM share. */
    static DeadLetters on(Brokers brokers, String topic) {
        return new DeadLetters(OF_THIS_JVM.computeIfAbsent(brokers, DeadLetters::producer), topic);
    }

    /** Sends without waiting, as long as fewer than 1,000 are unanswered. */
    void send(String fromTopic, int partition, long offset, UserEvents.Refused why, byte @Nullable [] value)
            throws IOException {
        ProducerRecord<String, byte[]> letter =
                new ProducerRecord<>(topic, fromTopic + "/" + partition + "/" + offset, value);
        Headers headers = letter.headers();
        headers.add("topic", utf8(fromTopic));
        headers.add("partition", utf8(Integer.toString(partition)));
        headers.add("offset", utf8(Long.toString(offset)));
        headers.add("reason", utf8(why.reason()));
        headers.add("message", utf8(String.valueOf(why.getMessage())));
        if (unanswered.size() == UNANSWERED) {
            settle(unanswered.remove());
        }
        unanswered.add(new Sent(letter, producer.send(letter)));
    }

    /** Returns when all are on the topic. */
    void flush() throws IOException {
        while (!unanswered.isEmpty()) {
            settle(unanswered.remove());
        }
    }

    private void settle(Sent sent) throws IOException {
        try {
            sent.answer.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RecordTooLargeException && sent.letter.value() != null) {
                withoutBytes(sent.letter);
            } else {
                replaceAfter(e.getCause());
                throw new IOException("a dead letter was not taken: " + e.getCause(), e.getCause());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted with dead letters unanswered");
        }
    }

    /** A producer that was not let in at first never sends again; the next tasks get another one. */
    private void replaceAfter(@Nullable Throwable cause) {
        if (cause instanceof AuthenticationException || cause instanceof AuthorizationException) {
            OF_THIS_JVM.values().remove(producer);
            producer.close(Duration.ZERO);
        }
    }

    /** With its headers a record may be larger than the topic allows: where it was is worth more than a job that stands still. */
    private void withoutBytes(ProducerRecord<String, byte[]> letter) throws IOException {
        byte @Nullable [] nothing = null;
        ProducerRecord<String, byte[]> shorter =
                new ProducerRecord<>(topic, null, letter.key(), nothing, letter.headers());
        shorter.headers().add("bytes-left-out", utf8(Integer.toString(letter.value().length)));
        settle(new Sent(shorter, producer.send(shorter)));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Producer<String, byte[]> producer(Brokers brokers) {
        Map<String, Object> config = brokers.client(Map.of(
                "client.id",
                "tributary-dead-letters",
                "acks",
                "all",
                "compression.type",
                "lz4",
                "buffer.memory",
                8 * 1024 * 1024,
                "max.request.size",
                2 * 1024 * 1024,
                "max.block.ms",
                (int) Duration.ofMinutes(1).toMillis()));
        return new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
    }
}
