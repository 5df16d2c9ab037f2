package io.tributary.etl;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine.Option;

/** When a run is for, and how long it may take: what {@code run} and {@code plan} have in common. */
final class WindowOptions {
    private static final Duration LONGEST = Duration.ofDays(30);

    @Option(
            names = "--window-start",
            paramLabel = "T",
            description = "Such as 2026-01-01T00:00:00Z (default: the current minute).")
    private Optional<Instant> start = Optional.empty();

    @Option(names = "--window-end", paramLabel = "T", description = "Default: five minutes after the start.")
    private Optional<Instant> end = Optional.empty();

    @Option(
            names = "--max-run-time",
            paramLabel = "D",
            description = "Such as PT10M: no further page is asked for after that (default: no bound).")
    private Optional<Duration> maxRunTime = Optional.empty();

    Optional<Instant> start() {
        return start;
    }

    Optional<Instant> end() {
        return end;
    }

    Optional<Duration> maxRunTime() {
        maxRunTime.ifPresent(time -> {
            if (time.toNanosPart() != 0 || time.toSeconds() < 1 || time.compareTo(LONGEST) > 0) {
                throw EtlFailure.usage("--max-run-time=" + time + ", expected whole seconds from PT1S to P30D");
            }
        });
        return maxRunTime;
    }
}
