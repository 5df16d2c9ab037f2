package io.tributary.etl;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

/** How far a run has come, station by station: the lines of a terminal, the lines of a log, and the times for the end. */
final class StageProgress implements Console.View {
    /** Rates are of the last seconds. */
    private static final Duration RATE_OVER = Duration.ofSeconds(5);

    private static final int LABEL = 21;
    private static final int WIDEST_BAR = 60;
    private static final int NARROWEST_BAR = 5;

    /** One station: {@code points} are the latest changes, oldest first. */
    private static final class Track {
        private final Deque<long[]> points = new ArrayDeque<>();
        private long users;
        private long firstNs = -1;
        private long lastNs;
        private long saidNs = -1;
        private long saidUsers;
    }

    private final long goal;
    private final LongSupplier nanos;
    private final long beganNs;
    private final Map<Stage, Track> tracks = new EnumMap<>(Stage.class);

    /**
     * @param goal users of the whole run
     * @param nanos the clock, as {@link System#nanoTime}
     */
    StageProgress(long goal, LongSupplier nanos) {
        this.goal = goal;
        this.nanos = nanos;
        this.beganNs = nanos.getAsLong();
        for (Stage stage : Stage.values()) {
            tracks.put(stage, new Track());
        }
    }

    /** Takes what the API says now. Numbers never fall: an answer of before a reconnect is out of date. */
    synchronized void update(Run.Progress progress) {
        long now = nanos.getAsLong();
        tracks.forEach((stage, track) -> {
            long users = stage.of(progress);
            if (users <= track.users) {
                return;
            }
            if (track.firstNs < 0) {
                track.firstNs = now;
                track.points.add(new long[] {beganNs, 0});
            }
            track.users = users;
            track.lastNs = now;
            track.points.add(new long[] {now, users});
            while (track.points.size() > 2 && now - track.points.peekFirst()[0] > RATE_OVER.toNanos()) {
                track.points.removeFirst();
            }
        });
    }

    /** For each station that saw a user, the time from the beginning until its last one. */
    synchronized Map<Stage, Duration> finished() {
        Map<Stage, Duration> times = new EnumMap<>(Stage.class);
        tracks.forEach((stage, track) -> {
            if (track.firstNs >= 0) {
                times.put(stage, Duration.ofNanos(track.lastNs - beganNs));
            }
        });
        return times;
    }

    /** The clock's reading when the first users had passed this station. */
    synchronized Optional<Long> firstAt(Stage stage) {
        long first = track(stage).firstNs;
        return first < 0 ? Optional.empty() : Optional.of(first);
    }

    /**
     * What a log gets: a line for each station that has moved since its last one, at most one a second, fewer on a long run, and
     * always one when it is done.
     */
    synchronized List<String> news() {
        long now = nanos.getAsLong();
        long pauseNs = Math.max(Duration.ofSeconds(1).toNanos(), (now - beganNs) / 20);
        List<String> lines = new ArrayList<>();
        tracks.forEach((stage, track) -> {
            boolean moved = track.users > track.saidUsers;
            boolean due = track.saidNs < 0 || now - track.saidNs >= pauseNs || track.users >= goal;
            if (moved && due) {
                track.saidNs = now;
                track.saidUsers = track.users;
                lines.add(numbers(stage, track, now).stripTrailing());
            }
        });
        return lines;
    }

    /** How it stands, one line a station, for a terminal that has shown it in place until now. */
    synchronized List<String> summary() {
        long now = nanos.getAsLong();
        List<String> lines = new ArrayList<>();
        tracks.forEach((stage, track) -> lines.add(numbers(stage, track, now).stripTrailing()));
        return lines;
    }

    @Override
    public synchronized List<AttributedString> lines(int columns, boolean fancy) {
        long now = nanos.getAsLong();
        List<AttributedString> lines = new ArrayList<>();
        tracks.forEach((stage, track) -> {
            String text = numbers(stage, track, now);
            AttributedStringBuilder line = new AttributedStringBuilder().append(text);
            int bar = Math.min(columns - text.length() - 2, WIDEST_BAR);
            if (bar >= NARROWEST_BAR) {
                int full = (int) (bar * Math.min(share(track), 1.0));
                line.append("  ");
                line.append((fancy ? "━" : "#").repeat(full), style(track));
                line.append((fancy ? "·" : "-").repeat(bar - full), AttributedStyle.DEFAULT.faint());
            }
            lines.add(line.toAttributedString());
        });
        return lines;
    }

    private AttributedStyle style(Track track) {
        return AttributedStyle.DEFAULT.foreground(track.users >= goal ? AttributedStyle.GREEN : AttributedStyle.CYAN);
    }

    private String numbers(Stage stage, Track track, long now) {
        String total = Text.count(goal);
        String label = String.format(Locale.ROOT, "%-10s %-9s", stage.place(), stage.verb());
        return String.format(
                Locale.ROOT,
                "%-" + LABEL + "s%" + total.length() + "s of %s users %3d %%%11s",
                label,
                Text.count(track.users),
                total,
                goal == 0 ? 100 : 100 * track.users / goal,
                rate(track, now));
    }

    private double share(Track track) {
        return goal == 0 ? 1 : (double) track.users / goal;
    }

    /** Of the last seconds while it moves, of the whole way once it has arrived. */
    private String rate(Track track, long now) {
        long[] oldest = track.points.peekFirst();
        if (oldest == null) {
            return "";
        }
        boolean arrived = track.users >= goal;
        long fromNs = arrived ? beganNs : oldest[0];
        long fromUsers = arrived ? 0 : oldest[1];
        long untilNs = arrived ? track.lastNs : now;
        double seconds = Math.max(untilNs - fromNs, 1_000_000) / 1e9;
        return Text.count(Math.round((track.users - fromUsers) / seconds)) + "/s";
    }

    private Track track(Stage stage) {
        Track track = tracks.get(stage);
        if (track == null) {
            throw new IllegalStateException("no such stage: " + stage);
        }
        return track;
    }
}
