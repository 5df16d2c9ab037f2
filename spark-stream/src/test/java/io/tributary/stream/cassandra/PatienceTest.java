package io.tributary.stream.cassandra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.datastax.oss.driver.api.core.DriverTimeoutException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PatienceTest {
    private final AtomicInteger asked = new AtomicInteger();

    @Test
    void aQuestionIsAskedAgainUntilItIsAnswered() {
        // When
        String answer = Patience.ask(Duration.ofMinutes(2), () -> {
            if (asked.incrementAndGet() == 1) {
                throw new CompletionException(new DriverTimeoutException("busy"));
            }
            return "42";
        });
        // Then
        assertThat(answer).isEqualTo("42");
        assertThat(asked).hasValue(2);
    }

    @Test
    void whenTheTimeIsOverTheLastFailureIsTold() {
        assertThatThrownBy(() -> Patience.ask(Duration.ZERO, () -> {
                    asked.incrementAndGet();
                    throw new DriverTimeoutException("busy");
                }))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("within PT0S")
                .hasRootCauseMessage("busy");
        assertThat(asked).hasValue(1);
    }

    @Test
    void whatWaitingDoesNotMendPassesThrough() {
        assertThatThrownBy(() -> Patience.ask(Duration.ofMinutes(2), () -> {
                    throw new CompletionException(new IllegalStateException("no such column"));
                }))
                .hasRootCauseMessage("no such column");
    }
}
