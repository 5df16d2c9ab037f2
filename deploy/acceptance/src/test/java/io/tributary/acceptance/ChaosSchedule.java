package io.tributary.acceptance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What is done to whom and when, all of it drawn from the seed: the same seed is the same schedule.
 *
 * @param blows in their order
 */
record ChaosSchedule(long seed, List<Blow> blows) {
    /** Who can be hit. */
    enum Victim {
        INGEST_1,
        INGEST_2,
        INGEST_3,
        KAFKA,
        POSTGRES
    }

    /**
     * One fault.
     *
     * @param after how long after the one before is over; a victim that comes back late must not make them follow closer
     * @param stopped how long a SIGSTOP lasts; zero: SIGKILL
     */
    record Blow(Duration after, Victim victim, Duration stopped) {
        boolean isKill() {
            return stopped.isZero();
        }
    }

    /** The supervisor gives a part up after 5 deaths a minute: one is left for a death of its own. */
    private static final int KILLS_IN_A_ROW = 4;

    private static final Duration ROW = Duration.ofSeconds(75);
    /** When a victim has had its kills, the blow comes later, to any. */
    private static final Duration STEP = Duration.ofMillis(100);

    /**
     * So many kills and stops in a random order.
     *
     * @param meanGap between two blows; each gap is 0.2 to 1.8 times as long, or until somebody may be killed again
     * @param lease of a page, milliseconds matter: half of the ingest instances' stops outlast it
     */
    static ChaosSchedule of(long seed, int kills, int stops, Duration meanGap, Duration lease) {
        Random random = new Random(seed);
        Map<Victim, List<Duration>> killed = new EnumMap<>(Victim.class);
        List<Blow> blows = new ArrayList<>();
        Duration at = Duration.ZERO;
        for (boolean kill : inAnyOrder(random, kills, stops)) {
            Duration gap = share(random, meanGap);
            Victim victim = anyOf(random);
            while (kill && isSpent(killed.getOrDefault(victim, List.of()), at.plus(gap))) {
                gap = gap.plus(STEP);
                victim = anyOf(random);
            }
            at = at.plus(gap);
            if (kill) {
                killed.computeIfAbsent(victim, none -> new ArrayList<>()).add(at);
            }
            blows.add(new Blow(gap, victim, kill ? Duration.ZERO : share(random, lease)));
        }
        return new ChaosSchedule(seed, List.copyOf(blows));
    }

    /** True is a kill. */
    private static List<Boolean> inAnyOrder(Random random, int kills, int stops) {
        List<Boolean> all = new ArrayList<>(Collections.nCopies(kills, true));
        all.addAll(Collections.nCopies(stops, false));
        Collections.shuffle(all, random);
        return all;
    }

    private static Victim anyOf(Random random) {
        return Victim.values()[random.nextInt(Victim.values().length)];
    }

    /** 0.2 to 1.8 times as long. */
    private static Duration share(Random random, Duration mean) {
        return Duration.ofMillis((long) (mean.toMillis() * (0.2 + 1.6 * random.nextDouble())));
    }

    private static boolean isSpent(List<Duration> deaths, Duration now) {
        return deaths.stream()
                        .filter(death -> now.minus(death).compareTo(ROW) < 0)
                        .count()
                >= KILLS_IN_A_ROW;
    }

    long kills() {
        return blows.stream().filter(Blow::isKill).count();
    }

    long stops() {
        return blows.size() - kills();
    }
}
