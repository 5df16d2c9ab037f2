package io.tributary.ingest.reconcile;

import io.tributary.ingest.reconcile.Windows.Group;
import io.tributary.ingest.reconcile.Windows.WindowCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Longer and sliding windows as sums of the counted ones. Windows begin at whole slides since 1970 UTC; of those that hold a
 * counted window the newest {@code limit} are given. Groups held, at most: those of {@code limit + 2 * size / slide} windows.
 */
final class DerivedWindows {
    /** Counted windows in one derived: an hour of seconds, a day of minutes; more is what rollups are for. */
    static final int MOST_OF_ONE = 3_600;

    private static final Comparator<Group> BY_NAME =
            Comparator.comparing(Group::nationality).thenComparing(Group::gender);

    private final long sizeMs;
    private final long slideMs;
    private final int limit;
    private final NavigableSet<Long> begun = new TreeSet<>();
    private final NavigableMap<Long, Map<String, Group>> sums = new TreeMap<>();

    private DerivedWindows(long sizeMs, long slideMs, int limit) {
        this.sizeMs = sizeMs;
        this.slideMs = slideMs;
        this.limit = limit;
    }

    /** @throws WindowsRefused where counted windows of this width do not fill the ones asked for */
    static DerivedWindows of(Duration counted, WindowQuery query) {
        Duration size = query.size().orElse(counted);
        Duration slide = query.slide().orElse(size);
        check("size", size, counted);
        check("slide", slide, counted);
        if (size.toMillis() / counted.toMillis() > MOST_OF_ONE) {
            throw new WindowsRefused("size", "at most " + MOST_OF_ONE + " times the counted window of " + counted);
        }
        if (slide.compareTo(size) > 0) {
            throw new WindowsRefused("slide", "at most the size, or users between two windows would be in none");
        }
        return new DerivedWindows(size.toMillis(), slide.toMillis(), query.limit());
    }

    private static void check(String parameter, Duration asked, Duration counted) {
        if (asked.isZero() || asked.isNegative() || !isWhole(asked, counted)) {
            throw new WindowsRefused(parameter, "a whole number of counted windows, each " + counted);
        }
    }

    private static boolean isWhole(Duration asked, Duration counted) {
        return asked.equals(counted.multipliedBy(asked.dividedBy(counted)));
    }

    /** Whether a counted window is in one of those asked for. To be asked newest first; no after the first no. */
    boolean wants(Instant counted) {
        long at = counted.toEpochMilli();
        if (begun.size() >= limit && at < oldestAsked()) {
            return false;
        }
        for (long start = newestStart(at); start > at - sizeMs; start -= slideMs) {
            begun.add(start);
        }
        return true;
    }

    private long oldestAsked() {
        while (begun.size() > limit) {
            begun.pollFirst();
        }
        return begun.first();
    }

    /** Adds a counted window to all that hold it. */
    void add(WindowCounts counted) {
        long at = counted.windowStart().toEpochMilli();
        for (long start = newestStart(at); start > at - sizeMs; start -= slideMs) {
            Map<String, Group> groups = sums.computeIfAbsent(start, s -> new TreeMap<>());
            counted.groups()
                    .forEach(group -> groups.merge(group.nationality() + group.gender(), group, DerivedWindows::sum));
        }
    }

    /** Newest first. */
    List<WindowCounts> windows() {
        List<WindowCounts> windows = new ArrayList<>();
        sums.descendingMap().forEach((start, groups) -> {
            if (windows.size() < limit) {
                windows.add(new WindowCounts(
                        Instant.ofEpochMilli(start),
                        groups.values().stream().sorted(BY_NAME).toList()));
            }
        });
        return windows;
    }

    private long newestStart(long at) {
        return Math.floorDiv(at, slideMs) * slideMs;
    }

    private static Group sum(Group a, Group b) {
        return new Group(
                a.nationality(), a.gender(), a.users() + b.users(), a.aged() + b.aged(), a.ageSum() + b.ageSum());
    }
}
