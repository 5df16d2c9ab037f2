package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.acceptance.ChaosSchedule.Blow;
import io.tributary.acceptance.ChaosSchedule.Victim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ChaosScheduleTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    /** Or the supervisor would give it up, and rightly. */
    @Test
    @Timeout(10)
    void nobodyIsKilledMoreThanFourTimesAMinute() {
        for (long seed = 0; seed < 200; seed++) {
            ChaosSchedule schedule = ChaosSchedule.of(seed, 50, 20, Duration.ofMillis(2_500), Duration.ofSeconds(3));
            assertThat(schedule.kills()).isEqualTo(50);
            assertThat(schedule.stops()).isEqualTo(20);
            Map<Victim, List<Duration>> kills = new EnumMap<>(Victim.class);
            Duration at = Duration.ZERO;
            for (Blow blow : schedule.blows()) {
                at = at.plus(blow.after());
                if (blow.isKill()) {
                    kills.computeIfAbsent(blow.victim(), none -> new ArrayList<>())
                            .add(at);
                }
            }
            kills.values().forEach(ChaosScheduleTest::assertFourAMinute);
        }
    }

    private static void assertFourAMinute(List<Duration> kills) {
        for (int last = 4; last < kills.size(); last++) {
            assertThat(kills.get(last).minus(kills.get(last - 4))).isGreaterThan(MINUTE);
        }
    }

    @Test
    void aSeedIsOneSchedule() {
        Duration any = Duration.ofSeconds(1);
        assertThat(ChaosSchedule.of(7, 5, 5, any, any)).isEqualTo(ChaosSchedule.of(7, 5, 5, any, any));
    }
}
