package io.tributary.etl;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * The topic of dead letters, read from its begin to what is its end now. A record that was set aside more than once, as a
 * batch tried again does, is one letter: the first. Letters held, at most {@link #MOST}.
 */
final class DeadLetters {
    static final int MOST = 100_000;

    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(15);
    private static final Duration POLL = Duration.ofMillis(500);

    private final Map<String, Object> kafka;
    private final String topic;

    /**
     * A record set aside.
     *
     * @param topic, partition, offset where it was read
     * @param time when it was set aside
     * @param value the bytes as they came; null where there were none or they were left out
     * @param bytesLeftOut whether the record had more bytes than a letter may have
     */
    record Letter(
            String topic,
            int partition,
            long offset,
            String reason,
            String message,
            Instant time,
            byte @Nullable [] value,
            boolean bytesLeftOut) {
        String place() {
            return topic + "/" + partition + "/" + offset;
        }
    }

    /** @param kafka properties of a client, with {@code bootstrap.servers} */
    DeadLetters(Map<String, Object> kafka, String topic) {
        this.kafka = kafka;
        this.topic = topic;
    }

    /** Those that are wanted, in the order they were set aside. */
    List<Letter> read(Predicate<Letter> wanted) {
        Map<String, Letter> letters = new LinkedHashMap<>();
        try (KafkaConsumer<String, byte[]> consumer = consumer()) {
            List<PartitionInfo> known = consumer.partitionsFor(topic, ANSWER_WITHIN);
            if (known.isEmpty()) {
                throw EtlFailure.broken("there is no topic " + Text.printable(topic), null);
            }
            List<TopicPartition> partitions = known.stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, ANSWER_WITHIN);
            long heard = System.nanoTime();
            while (ends.entrySet().stream()
                    .anyMatch(end -> consumer.position(end.getKey(), ANSWER_WITHIN) < end.getValue())) {
                var records = consumer.poll(POLL);
                if (!records.isEmpty()) {
                    heard = System.nanoTime();
                } else if (System.nanoTime() - heard > ANSWER_WITHIN.toNanos()) {
                    throw unreachable("no records within " + ANSWER_WITHIN.toSeconds() + " s", null);
                }
                for (ConsumerRecord<String, byte[]> record : records) {
                    Letter letter = letter(record);
                    if (wanted.test(letter)) {
                        letters.putIfAbsent(letter.place(), letter);
                    }
                }
                if (letters.size() > MOST) {
                    throw EtlFailure.usage("more than " + Text.count(MOST) + " dead letters: choose some by --reason");
                }
            }
        } catch (KafkaException e) {
            throw unreachable(String.valueOf(e.getMessage()), e);
        }
        return new ArrayList<>(letters.values());
    }

    /**
     * Sends the bytes again to the topics they were read from. What can be read by now is counted where it belongs, once: its
     * place is in the bytes. What can not becomes a dead letter again.
     *
     * @return how many
     */
    int redrive(List<Letter> letters) {
        Map<String, Object> config = new HashMap<>(kafka);
        config.put("acks", "all");
        config.put("enable.idempotence", true);
        config.put("max.block.ms", ANSWER_WITHIN.toMillis());
        List<Future<RecordMetadata>> answers = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (Letter letter : letters) {
                ProducerRecord<byte[], byte[]> again =
                        new ProducerRecord<>(letter.topic, letter.partition, null, letter.value);
                again.headers().add("tributary-redrive", letter.place().getBytes(StandardCharsets.UTF_8));
                answers.add(producer.send(again));
            }
            producer.flush();
            for (Future<RecordMetadata> answer : answers) {
                answer.get();
            }
        } catch (ExecutionException e) {
            throw unreachable(String.valueOf(e.getCause()), e);
        } catch (KafkaException e) {
            throw unreachable(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw EtlFailure.broken("interrupted: some may have been sent, repeat it, that counts nothing twice", e);
        }
        return answers.size();
    }

    private KafkaConsumer<String, byte[]> consumer() {
        Map<String, Object> config = new HashMap<>(kafka);
        config.put("enable.auto.commit", false);
        config.put("default.api.timeout.ms", (int) ANSWER_WITHIN.toMillis());
        return new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
    }

    private EtlFailure unreachable(String why, @Nullable Throwable cause) {
        return EtlFailure.broken(
                "Kafka at " + Text.printable(String.valueOf(kafka.get("bootstrap.servers"))) + " does not do it: "
                        + Text.printable(why),
                cause);
    }

    private static Letter letter(ConsumerRecord<String, byte[]> record) {
        return new Letter(
                header(record, "topic").orElse(""),
                (int) whole(header(record, "partition")),
                whole(header(record, "offset")),
                header(record, "reason").orElse("unknown"),
                header(record, "message").orElse(""),
                Instant.ofEpochMilli(record.timestamp()),
                record.value(),
                header(record, "bytes-left-out").isPresent());
    }

    private static Optional<String> header(ConsumerRecord<String, byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null
                ? Optional.empty()
                : Optional.of(new String(header.value(), StandardCharsets.UTF_8));
    }

    private static long whole(Optional<String> text) {
        return text.filter(digits -> digits.matches("\\d{1,18}"))
                .map(Long::valueOf)
                .orElse(-1L);
    }
}
