package io.tributary.ingest.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.ingest.reconcile.Windows.Group;
import io.tributary.ingest.reconcile.Windows.WindowCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DerivedWindowsTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Instant DAY = Instant.parse("2026-03-01T00:00:00Z");

    @Test
    void aDerivedWindowIsTheSumOfTheCountedOnesInItWhateverItsSizeAndSlide() {
        for (long seed = 1; seed <= 200; seed++) {
            // Given
            Random random = new Random(seed);
            int slide = 1 + random.nextInt(15);
            int size = slide + random.nextInt(40);
            int limit = 1 + random.nextInt(12);
            List<WindowCounts> counted = counted(random);
            // When
            List<WindowCounts> derived = derived(counted, size, slide, limit);
            // Then
            Map<Instant, Long> expected = usersByStart(counted, size, slide);
            assertThat(derived)
                    .as("seed %d: size %d slide %d limit %d", seed, size, slide, limit)
                    .extracting(WindowCounts::windowStart)
                    .containsExactlyElementsOf(
                            expected.keySet().stream().limit(limit).toList());
            for (WindowCounts window : derived) {
                assertThat(window.groups().stream().mapToLong(Group::users).sum())
                        .as("seed %d: %s", seed, window.windowStart())
                        .isEqualTo(expected.get(window.windowStart()));
            }
        }
    }

    @Test
    void groupsAreSummedEachForItself() {
        List<WindowCounts> counted = List.of(
                new WindowCounts(
                        DAY.plusSeconds(60),
                        List.of(new Group("FR", "female", 2, 1, 30), new Group("FR", "male", 1, 0, 0))),
                new WindowCounts(
                        DAY, List.of(new Group("FR", "female", 5, 5, 100), new Group("DE", "male", 7, 7, 70))));
        assertThat(derived(counted, 60, 60, 5))
                .containsExactly(new WindowCounts(
                        DAY,
                        List.of(
                                new Group("DE", "male", 7, 7, 70),
                                new Group("FR", "female", 7, 6, 130),
                                new Group("FR", "male", 1, 0, 0))));
    }

    @ParameterizedTest
    @CsvSource({"PT90S,PT1M,size", "PT1H,PT90S,slide", "PT1H,PT2H,slide", "PT61H,PT1H,size"})
    void windowsThatCanNotBeMadeOfTheCountedOnesAreRefusedByName(Duration size, Duration slide, String parameter) {
        assertThatThrownBy(() -> DerivedWindows.of(MINUTE, new WindowQuery(5, Optional.of(size), Optional.of(slide))))
                .isInstanceOfSatisfying(
                        WindowsRefused.class,
                        refused -> assertThat(refused.parameter()).isEqualTo(parameter));
    }

    /** Reads no further than is wanted, as the adapter does. */
    private static List<WindowCounts> derived(List<WindowCounts> newestFirst, int size, int slide, int limit) {
        DerivedWindows windows = DerivedWindows.of(
                MINUTE,
                new WindowQuery(
                        limit, Optional.of(MINUTE.multipliedBy(size)), Optional.of(MINUTE.multipliedBy(slide))));
        newestFirst.stream()
                .takeWhile(window -> windows.wants(window.windowStart()))
                .toList()
                .forEach(windows::add);
        return windows.windows();
    }

    private static List<WindowCounts> counted(Random random) {
        List<WindowCounts> counted = new ArrayList<>();
        for (int minute = 0; minute < 200; minute++) {
            if (random.nextInt(3) == 0) {
                counted.add(new WindowCounts(
                        DAY.plusSeconds(60L * minute),
                        List.of(new Group("FR", "female", 1 + random.nextInt(100), 0, 0))));
            }
        }
        counted.sort(Comparator.comparing(WindowCounts::windowStart).reversed());
        return counted;
    }

    /** The plain way: every window that could be, newest first, without the empty ones. */
    private static Map<Instant, Long> usersByStart(List<WindowCounts> counted, int size, int slide) {
        Map<Instant, Long> users = new TreeMap<>(Comparator.reverseOrder());
        long slideSeconds = 60L * slide;
        long first = Math.floorDiv(DAY.getEpochSecond() - 60L * size, slideSeconds) * slideSeconds;
        for (long start = first; start < DAY.getEpochSecond() + 200 * 60; start += slideSeconds) {
            Instant from = Instant.ofEpochSecond(start);
            Instant to = from.plusSeconds(60L * size);
            List<WindowCounts> inside = counted.stream()
                    .filter(window -> !window.windowStart().isBefore(from)
                            && window.windowStart().isBefore(to))
                    .collect(Collectors.toList());
            if (!inside.isEmpty()) {
                users.put(
                        from,
                        inside.stream()
                                .mapToLong(window -> window.groups().get(0).users())
                                .sum());
            }
        }
        return users;
    }
}
