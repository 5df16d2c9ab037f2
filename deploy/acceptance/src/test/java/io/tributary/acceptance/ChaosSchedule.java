package io.tributary.acceptance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What is done to whom and when, all of it drawn from the seed: the same seed is the same schedule.
 *
 * @param blows in the order of their times, counted from the beginning
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
     * @param stopped how long a SIGSTOP lasts; zero: SIGKILL
     */
    record Blow(Duration at, Victim victim, Duration stopped) {
        boolean isKill() {
            return stopped.isZero();
        }
    }

    /** The supervisor gives a part up after 5 deaths a minute: one is left for a death of its own. */
    private static final int KILLS_IN_A_ROW = 4;

    private static final Duration ROW = Duration.ofSeconds(75);

    /**
     * So many kills and stops in a random order.
     *
     * @param meanGap between two blows; each gap is 0.2 to 1.8 times as long
     * @param lease of a page, milliseconds matter: half of the ingest instances' stops outlast it
     */
    static ChaosSchedule of(long seed, int kills, int stops, Duration meanGap, Duration lease) {
        Random random = new Random(seed);
        List<Boolean> isKill = new ArrayList<>();
        for (int blow = 0; blow < kills + stops; blow++) {
            isKill.add(random.nextInt(kills + stops - blow)
                    < kills - isKill.stream().filter(k -> k).count());
        }
        Map<Victim, List<Duration>> killed = new EnumMap<>(Victim.class);
        List<Blow> blows = new ArrayList<>();
        Duration at = Duration.ZERO;
        for (boolean kill : isKill) {
            at = at.plusMillis((long) (meanGap.toMillis() * (0.2 + 1.6 * random.nextDouble())));
            Victim victim = anyOf(random);
            while (kill && isSpent(killed.getOrDefault(victim, List.of()), at)) {
                victim = Victim.values()[(victim.ordinal() + 1) % Victim.values().length];
            }
            if (kill) {
                killed.computeIfAbsent(victim, none -> new ArrayList<>()).add(at);
            }
            blows.add(new Blow(at, victim, kill ? Duration.ZERO : pause(random, lease)));
        }
        return new ChaosSchedule(seed, List.copyOf(blows));
    }

    private static Victim anyOf(Random random) {
        return Victim.values()[random.nextInt(Victim.values().length)];
    }

    private static Duration pause(Random random, Duration lease) {
        return Duration.ofMillis((long) (lease.toMillis() * (0.2 + 1.6 * random.nextDouble())));
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
