package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class DeadLettersTest {
    private static final UserEvents.Refused WHY = new UserEvents.Refused("malformed", "too short");

    @Test
    void aLetterSaysWhereItWasAndWhyAndKeepsItsBytes() throws IOException {
        // Given
        MockProducer<String, byte[]> producer =
                new MockProducer<>(true, null, new StringSerializer(), new ByteArraySerializer());
        DeadLetters letters = new DeadLetters(producer, "dlq");
        // When
        letters.send("users", 2, 77, WHY, new byte[] {1, 2});
        letters.flush();
        // Then
        ProducerRecord<String, byte[]> letter = producer.history().get(0);
        assertThat(letter.topic()).isEqualTo("dlq");
        assertThat(letter.key()).isEqualTo("users/2/77");
        assertThat(letter.value()).containsExactly(1, 2);
        assertThat(header(letter, "topic")).isEqualTo("users");
        assertThat(header(letter, "partition")).isEqualTo("2");
        assertThat(header(letter, "offset")).isEqualTo("77");
        assertThat(header(letter, "reason")).isEqualTo("malformed");
        assertThat(header(letter, "message")).isEqualTo("too short");
    }

    @Test
    void aLetterTooLargeForItsTopicGoesWithoutItsBytes() throws IOException {
        // Given
        MockProducer<String, byte[]> producer =
                new MockProducer<>(false, null, new StringSerializer(), new ByteArraySerializer()) {
                    @Override
                    public synchronized java.util.concurrent.Future<org.apache.kafka.clients.producer.RecordMetadata>
                            send(ProducerRecord<String, byte[]> record) {
                        var answer = super.send(record);
                        if (record.value() == null) {
                            completeNext();
                        } else {
                            errorNext(new RecordTooLargeException());
                        }
                        return answer;
                    }
                };
        DeadLetters letters = new DeadLetters(producer, "dlq");
        // When
        letters.send("users", 0, 1, WHY, new byte[5]);
        letters.flush();
        // Then
        ProducerRecord<String, byte[]> second = producer.history().get(1);
        assertThat(second.value()).isNull();
        assertThat(header(second, "bytes-left-out")).isEqualTo("5");
    }

    @Test
    void aLetterThatIsNotTakenFailsTheTask() throws IOException {
        // Given
        MockProducer<String, byte[]> producer =
                new MockProducer<>(false, null, new StringSerializer(), new ByteArraySerializer());
        DeadLetters letters = new DeadLetters(producer, "dlq");
        letters.send("users", 0, 1, WHY, null);
        // When
        producer.errorNext(new TopicAuthorizationException("dlq"));
        // Then
        assertThatThrownBy(letters::flush).isInstanceOf(IOException.class);
    }

    private static String header(ProducerRecord<String, byte[]> letter, String name) {
        return new String(letter.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }
}
