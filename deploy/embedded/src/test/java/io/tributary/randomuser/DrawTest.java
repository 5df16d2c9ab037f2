package io.tributary.randomuser;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two pages hold the same people where their bits are equal, and nobody in common else. */
class DrawTest {
    private static final int DRAWS = 5_000;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 100, -1})
    void nearSeedsHaveNothingInCommon(int distance) {
        assertThat(drawn(7 + distance)).doesNotContainAnyElementsOf(drawn(7));
    }

    private static Set<Long> drawn(int seed) {
        Draw draw = Draw.of(seed);
        return LongStream.generate(draw::bits).limit(DRAWS).boxed().collect(Collectors.toSet());
    }
}
