package io.tributary.ingest.source.pace;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingest.source.pace.Pace.Outcome;
import io.tributary.ingest.source.pace.Pace.Permit;
import io.tributary.ingest.source.pace.Pace.Role;
import io.tributary.ingest.source.pace.Pace.Wait;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of quota in virtual time, from 200 phases each; the bounds hold for the worst of them where nothing else is said. */
class PaceTest {
    private static final int PHASES = 200;
    private static final long SECOND = 1_000;

    /** What came of a simulation: the worst and the mean over all phases. */
    private record Took(double worstRefused, double meanUsed, double leastUsed) {}

    /**
     * A kind of quota, and how well it is kept to.
     *
     * @param ofPhase the source's, beginning at some moment
     * @param time of the whole simulation
     * @param allowed users in that time
     * @param mostRefused share of the requests
     * @param leastUsed share of the users, in the worst phase
     * @param meanUsed the same over all phases
     */
    private record Kept(
            String what,
            LongFunction<Quota> ofPhase,
            long time,
            long allowed,
            double mostRefused,
            double leastUsed,
            double meanUsed) {
        @Override
        public String toString() {
            return what;
        }
    }

    private static Stream<Kept> quotas() {
        LongFunction<Quota> tenSeconds = phase -> Quota.fixedWindow(20_000, 10 * SECOND, phase);
        return Stream.of(
                new Kept("ten windows of 20,000 users", tenSeconds, 100 * SECOND, 200_000, 0.05, 0.95, 0.95),
                new Kept("fifty windows, learned", tenSeconds, 500 * SECOND, 1_000_000, 0.02, 0.97, 0.97),
                new Kept(
                        "two pages a second in fixed windows",
                        phase -> Quota.fixedWindow(1_000, SECOND, phase),
                        600 * SECOND,
                        600_000,
                        0.05,
                        0.95,
                        0.95),
                new Kept(
                        "two pages a second from a bucket",
                        phase -> Quota.tokenBucket(2, 2),
                        600 * SECOND,
                        600_000,
                        0.05,
                        0.85,
                        0.95),
                new Kept(
                        "windows that the first request opens",
                        phase -> Quota.slidingStart(20_000, 10 * SECOND),
                        100 * SECOND,
                        200_000,
                        0.05,
                        0.95,
                        0.95),
                new Kept(
                        "any ten seconds of a log",
                        phase -> Quota.slidingLog(20_000, 10 * SECOND),
                        100 * SECOND,
                        200_000,
                        0.05,
                        0.95,
                        0.95),
                new Kept(
                        "the real one of five minutes, for five hours",
                        phase -> Quota.fixedWindow(20_000, 300 * SECOND, 30 * phase),
                        18_000 * SECOND,
                        1_200_000,
                        0.05,
                        0.93,
                        0.93));
    }

    @ParameterizedTest
    @MethodSource("quotas")
    void aQuotaIsKeptToAndUsedByTwoInstances(Kept quota) {
        // When
        Took took = simulated(quota.ofPhase(), 2, quota.time(), quota.allowed());
        // Then
        assertThat(took.worstRefused()).isLessThan(quota.mostRefused());
        assertThat(took.leastUsed()).isGreaterThan(quota.leastUsed());
        assertThat(took.meanUsed()).isGreaterThan(quota.meanUsed());
    }

    @Test
    void pagesOfManySizesAgainstAQuotaOfUsersTeachThatUsersAreCounted() {
        // When
        Simulation simulation = new Simulation(Quota.fixedWindow(20_000, 10 * SECOND, 3_000), 2, 1)
                .pages(n -> n % 3 == 0 ? 1_000 : 100)
                .until(200 * SECOND);
        // Then
        assertThat(simulation.pace.unit).isEqualTo(Pace.Unit.USERS);
        assertThat(simulation.refusedShare()).isLessThan(0.05);
        assertThat(simulation.users).isGreaterThan((long) (20 * 20_000 * 0.95));
    }

    @Test
    void pagesOfManySizesAgainstAQuotaOfRequestsTeachThatRequestsAreCounted() {
        // When
        Simulation simulation = new Simulation(Quota.fixedWindowOfRequests(40, 10 * SECOND), 2, 1)
                .pages(n -> n / 15 % 2 == 0 ? 1_000 : 100)
                .until(200 * SECOND);
        // Then
        assertThat(simulation.pace.unit).isEqualTo(Pace.Unit.REQUESTS);
        assertThat(simulation.requests - simulation.refused).isGreaterThan((long) (20 * 40 * 0.95));
    }

    @Test
    void aQuotaThatIsHalvedIsFoundAgain() {
        // Given
        Quota before = Quota.fixedWindow(20_000, 10 * SECOND, 4_000);
        Quota after = Quota.fixedWindow(10_000, 10 * SECOND, 4_000);
        Simulation simulation =
                new Simulation((now, users) -> (now < 204 * SECOND ? before : after).takes(now, users), 2, 3);
        simulation.until(224 * SECOND).forgetCounts();
        // When
        simulation.until(424 * SECOND);
        // Then
        assertThat(simulation.refusedShare()).isLessThan(0.05);
        assertThat(simulation.users).isGreaterThan((long) (20 * 10_000 * 0.95));
    }

    @Test
    void aQuotaThatIsDoubledIsFoundInTheEnd() {
        // Given
        Quota before = Quota.fixedWindow(10_000, 10 * SECOND, 4_000);
        Quota after = Quota.fixedWindow(20_000, 10 * SECOND, 4_000);
        Simulation simulation =
                new Simulation((now, users) -> (now < 204 * SECOND ? before : after).takes(now, users), 2, 3);
        simulation.until(404 * SECOND).forgetCounts();
        // When
        simulation.until(604 * SECOND);
        // Then
        assertThat(simulation.refusedShare()).isLessThan(0.05);
        assertThat(simulation.users).isGreaterThan((long) (20 * 20_000 * 0.95));
    }

    @Test
    void aSourceThatIsBrokenForThirtySecondsLosesNoMoreThanThat() {
        // Given
        Simulation simulation = new Simulation(Quota.fixedWindow(20_000, 10 * SECOND, 4_000), 2, 5)
                .broken(112 * SECOND, 142 * SECOND)
                .until(100 * SECOND)
                .forgetCounts();
        // When
        simulation.until(200 * SECOND);
        // Then: one request an instance and second while it is broken; a window more is lost to what was not counted
        assertThat(simulation.failed).isLessThan(80);
        assertThat(simulation.refused).isLessThan(15);
        assertThat(simulation.users).isGreaterThanOrEqualTo(5 * 20_000);
    }

    @Test
    void whatWasLearnedSurvivesARestart() {
        // Given
        Quota quota = Quota.fixedWindow(20_000, 10 * SECOND, 4_000);
        Simulation learning = new Simulation(quota, 2, 5).until(100 * SECOND);
        Pace stored = new Pace();
        for (PaceColumn column : PaceColumn.ALL) {
            column.write().accept(stored, column.read().applyAsLong(learning.pace));
        }
        Simulation again = new Simulation(quota, 2, 6, stored, 130 * SECOND);
        // When
        again.until(230 * SECOND);
        // Then
        assertThat(again.refusedShare()).isLessThan(0.02);
        assertThat(again.users).isGreaterThan((long) (10 * 20_000 * 0.95));
    }

    @Test
    void withoutAQuotaNobodyEverWaits() {
        // Given
        Simulation simulation = new Simulation((now, users) -> true, 1, 1).until(60 * SECOND);
        // Then
        assertThat(simulation.waits).isZero();
    }

    @Test
    void nobodyIsLetThroughBeforeThePauseThatTheSourceAskedFor() {
        // Given
        Pace pace = new Pace();
        pace.tell(10, (Permit) pace.ask(0, 500, 30_000), Outcome.REFUSED);
        pace.pause(60_000);
        // Then
        assertThat(pace.ask(59_999, 500, 30_000)).isEqualTo(new Wait(1));
        assertThat(pace.ask(60_000, 500, 30_000))
                .isInstanceOfSatisfying(
                        Permit.class, permit -> assertThat(permit.role()).isEqualTo(Role.OPENING));
    }

    @Test
    void anInstanceThatDiedWithItsTryHoldsUpTheOthersNoLongerThanARequestMayTake() {
        // Given
        Pace pace = new Pace();
        pace.tell(10, (Permit) pace.ask(0, 500, 30_000), Outcome.REFUSED);
        assertThat(pace.ask(2_000, 500, 30_000)).isInstanceOf(Permit.class);
        // Then
        assertThat(pace.ask(31_999, 500, 30_000)).isInstanceOf(Wait.class);
        assertThat(pace.ask(32_000, 500, 30_000)).isInstanceOf(Permit.class);
    }

    private static Took simulated(LongFunction<Quota> quotaOfPhase, int instances, long durationMs, long allowedUsers) {
        double worst = 0;
        double sum = 0;
        double least = Double.MAX_VALUE;
        for (int seed = 0; seed < PHASES; seed++) {
            Simulation simulation =
                    new Simulation(quotaOfPhase.apply(seed * 8_377L % 10_000), instances, seed).until(durationMs);
            worst = Math.max(worst, simulation.refusedShare());
            double used = (double) simulation.users / allowedUsers;
            least = Math.min(least, used);
            sum += used;
        }
        return new Took(worst, sum / PHASES, least);
    }
}
