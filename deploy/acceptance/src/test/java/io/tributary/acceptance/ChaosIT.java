package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.acceptance.ChaosSchedule.Blow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * P1, P2 and P3 with three ingest services while they, Kafka and PostgreSQL are killed and stopped at random. The short form
 * runs in {@code verify}, the long one in {@code -Pchaos}; {@code -Dchaos.seed=N} repeats a schedule.
 */
@BesideTheShared
class ChaosIT {
    private static final boolean IS_LONG = Boolean.getBoolean("chaos.long");
    private static final int KILLS = IS_LONG ? 50 : 6;
    private static final int STOPS = IS_LONG ? 20 : 3;
    private static final Duration MEAN_GAP = Duration.ofMillis(2_500);
    private static final int LEAST_USERS = IS_LONG ? 200_000 : 30_000;
    private static final int USERS = 10_000;
    private static final int PAGE_SIZE = 500;
    private static final Duration LEASE = Duration.ofSeconds(3);
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    /** About half a second a page, so that blows hit pages on their way and the users last as long as the schedule. */
    private static final int SOURCE_BYTES_PER_SECOND = 300_000;

    private static final Pattern PAGE_COMPLETE = Pattern.compile("event=page_complete run=(\\S+) page=(\\d+)");

    @TempDir
    Path dir;

    private ThreeIngests services;
    private final ScheduledExecutorService hands = Executors.newScheduledThreadPool(2);
    /** Users asked for, by run: noted when the creation was acknowledged. */
    private final Map<UUID, Integer> acknowledged = new LinkedHashMap<>();

    @BeforeEach
    void up() {
        services = new ThreeIngests(dir, LEASE);
    }

    @AfterEach
    void down() {
        hands.shutdownNow();
        services.close();
    }

    @Test
    void killedAndStoppedAtRandomNoUserIsLostInventedOrChanged() throws Exception {
        // Given
        long seed = Long.getLong("chaos.seed", new Random().nextLong());
        ChaosSchedule schedule = ChaosSchedule.of(seed, KILLS, STOPS, MEAN_GAP, LEASE);
        System.out.printf("chaos: seed %d, %d kills, %d stops%n", seed, schedule.kills(), schedule.stops());
        services.slowSource(SOURCE_BYTES_PER_SECOND);
        // When
        AtomicBoolean over = new AtomicBoolean();
        Future<?> blows = hands.submit(() -> {
            strike(schedule);
            over.set(true);
            return null;
        });
        while (!over.get() || acknowledged.size() * USERS < LEAST_USERS) {
            UUID run = create();
            awaitEnd(run);
            if (blows.isDone()) {
                blows.get(); // a blow that could not be dealt
            }
        }
        // Then
        services.awaitReady();
        for (UUID run : acknowledged.keySet()) {
            awaitEnd(run);
            assertThat(services.state(run)).as("seed %d, run %s", seed, run).isEqualTo("COMPLETE");
        }
        Verdict verdict = Verdict.over(new Stores(services.addresses()), acknowledged, PAGE_SIZE);
        System.out.printf("chaos: %d users, %s%n", acknowledged.size() * USERS, verdict);
        assertThat(verdict.isClean()).as("seed %d: %s", seed, verdict).isTrue();
        assertThat(pagesSaidComplete()).as("pages that a log calls complete").isSubsetOf(pagesAskedFor());
    }

    /** Another run, at any instance; the key makes a repetition after an unknown outcome harmless. */
    private UUID create() {
        String key = UUID.randomUUID().toString();
        int[] attempt = {acknowledged.size()};
        UUID run = await("a run is created")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .until(() -> services.create(attempt[0]++, key, USERS, PAGE_SIZE), id -> true);
        acknowledged.put(run, USERS);
        return run;
    }

    private void awaitEnd(UUID run) {
        await("run " + run + " ends")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptions()
                .until(() -> !services.state(run).equals("RUNNING"));
    }

    private void strike(ChaosSchedule schedule) throws Exception {
        for (Blow blow : schedule.blows()) {
            hands.schedule(() -> null, blow.after().toNanos(), TimeUnit.NANOSECONDS)
                    .get();
            if (blow.isKill()) {
                services.kill(blow.victim());
            } else {
                List<ProcessHandle> stopped = services.processes(blow.victim());
                Signals.send("STOP", stopped);
                ScheduledFuture<?> resumed = hands.schedule(
                        () -> {
                            Signals.send("CONT", stopped);
                            return null;
                        },
                        blow.stopped().toMillis(),
                        TimeUnit.MILLISECONDS);
                resumed.get();
            }
        }
    }

    private record PageOfRun(UUID run, int page) {}

    private Set<PageOfRun> pagesSaidComplete() throws IOException {
        Set<PageOfRun> pages = new HashSet<>();
        for (Path log : services.logs()) {
            for (String line : Files.readAllLines(log)) {
                Matcher complete = PAGE_COMPLETE.matcher(line);
                if (complete.find()) {
                    pages.add(new PageOfRun(UUID.fromString(complete.group(1)), Integer.parseInt(complete.group(2))));
                }
            }
        }
        return pages;
    }

    private Set<PageOfRun> pagesAskedFor() {
        Set<PageOfRun> pages = new HashSet<>();
        acknowledged.forEach((run, users) -> {
            for (int page = 1; page <= users / PAGE_SIZE; page++) {
                pages.add(new PageOfRun(run, page));
            }
        });
        return pages;
    }
}
