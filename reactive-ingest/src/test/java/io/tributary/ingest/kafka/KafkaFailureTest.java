package io.tributary.ingest.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingest.model.IngestException.Kind;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class KafkaFailureTest {
    static Stream<Exception> mended() {
        return Stream.of(
                new SaslAuthenticationException("invalid credentials"),
                new SslAuthenticationException("SSL handshake failed"),
                new TopicAuthorizationException("randomuser.users"),
                new ClusterAuthorizationException("Cluster authorization failed."),
                new TimeoutException("Expiring 3 record(s)"));
    }

    static Stream<Exception> unmendable() {
        return Stream.of(new RecordTooLargeException("too large"), new InvalidTopicException("a/b"));
    }

    @ParameterizedTest
    @MethodSource("mended")
    void whatIsMendedElsewhereMayPass(Exception failure) {
        assertThat(KafkaFailure.kindOf(failure)).isEqualTo(Kind.TRANSIENT);
    }

    @ParameterizedTest
    @MethodSource("unmendable")
    void whatIsRefusedForWhatItIsMayNot(Exception failure) {
        assertThat(KafkaFailure.kindOf(failure)).isEqualTo(Kind.REJECTED);
    }
}
