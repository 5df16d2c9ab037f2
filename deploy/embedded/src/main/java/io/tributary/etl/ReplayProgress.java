package io.tributary.etl;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jline.utils.AttributedString;

/** How far a replay has come: the line of a terminal, and the lines of a log. */
final class ReplayProgress implements Console.View {
    private final LongSupplier nanos;
    private final long beganNs;
    private Replay latest;
    private long saidNs = -1;
    private long saidPages;

    /** @param nanos the clock, as {@link System#nanoTime} */
    ReplayProgress(Replay begun, LongSupplier nanos) {
        this.latest = begun;
        this.nanos = nanos;
        this.beganNs = nanos.getAsLong();
    }

    synchronized void update(Replay now) {
        latest = now;
    }

    /** What a log gets: a line when it has moved, at most one a second, fewer on a long replay, and one for its end. */
    synchronized Optional<String> news() {
        long now = nanos.getAsLong();
        long pauseNs = Math.max(Duration.ofSeconds(1).toNanos(), (now - beganNs) / 20);
        boolean due = saidNs < 0 || now - saidNs >= pauseNs || !latest.isRunning();
        if (latest.pages() <= saidPages || !due) {
            return Optional.empty();
        }
        saidNs = now;
        saidPages = latest.pages();
        return Optional.of(line());
    }

    @Override
    public synchronized List<AttributedString> lines(int columns, boolean fancy) {
        return List.of(new AttributedString(line()));
    }

    private String line() {
        return "Kafka      replayed  " + Report.pages(latest) + ", " + Text.count(latest.records()) + " records";
    }
}
