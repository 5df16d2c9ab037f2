package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.embedded.EmbeddedStack.Part;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** P4 in its long form, {@code -Pchaos}: every sink stalled for a minute, and sinks that are too slow for ten. */
@SharedStack.Whole
@EnabledIfSystemProperty(named = "chaos.long", matches = "true")
class LongStallsIT {
    private static final Duration STALL = Duration.ofMinutes(1);
    private static final int USERS = 100_000;

    private static final Duration SLOW = Duration.ofMinutes(10);
    private static final Duration LOOK = Duration.ofSeconds(5);
    /** The sinks are made slower than the tenth that is asked for: Kafka lets a little more through than its quota. */
    private static final int SLOWER = 12;

    private static final int AT_LEAST_SLOWER = 10;
    private static final double MOST_GROWTH_BYTES_A_MINUTE = 1_000_000;

    private final StalledIngest ingest;

    LongStallsIT(WholeStack shared) {
        ingest = new StalledIngest(shared);
    }

    @Test
    void stalledForAMinuteEachAndTogether() throws Exception {
        WholeStack stack = ingest.stack();
        ingest.standsStill(Stall.ofStopped(stack, Part.POSTGRES), STALL, USERS);
        ingest.standsStill(Stall.ofStopped(stack, Part.KAFKA), STALL, USERS);
        ingest.standsStill(Stall.ofStopped(stack, Part.POSTGRES, Part.KAFKA), STALL, USERS);
    }

    @Test
    void aSourceTenTimesFasterThanTheSinksForTenMinutes() throws Exception {
        // Given
        TopicQuota quota = new TopicQuota(ingest.stack().stores());
        long bytesBefore = quota.bytesInTopic();
        double usersASecond = usersASecondUnhindered(2 * USERS);
        double bytesAUser = (quota.bytesInTopic() - bytesBefore) / (2.0 * USERS);
        double slow = usersASecond / SLOWER;
        int users = pages(slow * SLOW.plusMinutes(3).toSeconds()) * StalledIngest.PAGE_SIZE;
        // When
        quota.bytesASecond(slow * bytesAUser);
        UUID run = ingest.stack().startRun(users, StalledIngest.PAGE_SIZE);
        ingest.awaitSome(run);
        long requests = ingest.requests();
        long complete = ingest.completePages(run);
        List<Look> looks = looks(SLOW);
        requests = ingest.requests() - requests;
        complete = ingest.completePages(run) - complete;
        // Then
        quota.lift();
        double sinks = complete * (double) StalledIngest.PAGE_SIZE / SLOW.toSeconds();
        double growth = growthAMinute(looks);
        long most = looks.stream().mapToLong(Look::liveBytes).max().orElseThrow();
        System.out.printf(
                "slow sinks: unhindered %.0f users/s, %.0f bytes a user; quota %.0f bytes/s; then %.0f users/s in %d looks,"
                        + " %d source requests, %d pages complete, live heap at most %.1f MB, growth %.3f MB a minute%n",
                usersASecond,
                bytesAUser,
                slow * bytesAUser,
                sinks,
                looks.size(),
                requests,
                complete,
                most / 1e6,
                growth / 1e6);
        assertThat(sinks * AT_LEAST_SLOWER).as("users a second").isLessThanOrEqualTo(usersASecond);
        assertThat(requests).as("source requests").isLessThanOrEqualTo(complete + SharedStack.PAGES_IN_FLIGHT);
        assertThat(most).as("live heap, bytes").isLessThan(StalledIngest.MOST_LIVE_BYTES);
        assertThat(growth).as("growth, bytes a minute").isLessThan(MOST_GROWTH_BYTES_A_MINUTE);
        ingest.assertWhole(run, users);
    }

    /** What source and sinks do together: the source alone can do at least that. */
    private double usersASecondUnhindered(int users) throws Exception {
        long begin = System.nanoTime();
        UUID run = ingest.stack().startRun(users, StalledIngest.PAGE_SIZE);
        await("an unhindered run")
                .atMost(Duration.ofMinutes(5))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> ingest.completePages(run) == users / StalledIngest.PAGE_SIZE);
        return users / ((System.nanoTime() - begin) / 1e9);
    }

    private static int pages(double users) {
        return (int) Math.ceil(users / StalledIngest.PAGE_SIZE);
    }

    private record Look(double minute, long liveBytes) {}

    private List<Look> looks(Duration time) {
        List<Look> looks = new ArrayList<>();
        long begin = System.nanoTime();
        await("the time of slow sinks")
                .atMost(time.plusMinutes(1))
                .pollDelay(Duration.ZERO)
                .pollInterval(LOOK)
                .until(() -> {
                    long live = ingest.liveHeapBytes();
                    double seconds = (System.nanoTime() - begin) / 1e9;
                    looks.add(new Look(seconds / 60, live));
                    return seconds >= time.toSeconds();
                });
        return looks;
    }

    /** The slope of the line with the least squares. */
    private static double growthAMinute(List<Look> looks) {
        double minute = looks.stream().mapToDouble(Look::minute).average().orElseThrow();
        double live = looks.stream().mapToDouble(Look::liveBytes).average().orElseThrow();
        double both = looks.stream()
                .mapToDouble(look -> (look.minute() - minute) * (look.liveBytes() - live))
                .sum();
        double squares = looks.stream()
                .mapToDouble(look -> Math.pow(look.minute() - minute, 2))
                .sum();
        return both / squares;
    }
}
