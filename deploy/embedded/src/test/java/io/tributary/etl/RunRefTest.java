package io.tributary.etl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class RunRefTest {
    private static final List<String> NEWEST_FIRST = List.of("bb10", "ab20", "ab30");

    @Test
    void latestIsTheFirstOfTheNewest() {
        assertThat(RunRef.among("latest", NEWEST_FIRST)).isEqualTo("bb10");
    }

    @Test
    void aBeginningThatOnlyOneRunHasIsEnough() {
        assertThat(RunRef.among("ab3", NEWEST_FIRST)).isEqualTo("ab30");
    }

    @Test
    void aBeginningOfTwoRunsIsRefusedAndBothAreNamed() {
        assertThatThrownBy(() -> RunRef.among("ab", NEWEST_FIRST))
                .hasMessage("'ab' is the beginning of 2 runs: ab20, ab30")
                .isInstanceOfSatisfying(
                        EtlFailure.class, e -> assertThat(e.exit()).isEqualTo(ExitCode.USAGE));
    }

    @Test
    void aBeginningOfNoRunIsRefused() {
        assertThatThrownBy(() -> RunRef.among("cc", NEWEST_FIRST)).hasMessageContaining("no run begins with 'cc'");
    }

    @Test
    void latestOfNoRunsSaysHowToStartOne() {
        assertThatThrownBy(() -> RunRef.among("latest", List.of())).hasMessageContaining("./etl run");
    }
}
