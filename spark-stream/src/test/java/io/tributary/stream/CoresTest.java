package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class CoresTest {
    private static final TopicFacts FOUR_PARTITIONS = new TopicFacts("cluster", "users", "id", 4, Map.of());

    @Test
    void realTimeModeIsRefusedWhereTheCounterWouldWaitForACoreForEver() {
        assertThatThrownBy(() -> new Cores(4).refuseTooFewFor(FOUR_PARTITIONS))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining("each of the 4 partitions of topic users")
                .hasMessageContaining("4 cores, expected 5");
        assertThatCode(() -> new Cores(5).refuseTooFewFor(FOUR_PARTITIONS)).doesNotThrowAnyException();
    }
}
