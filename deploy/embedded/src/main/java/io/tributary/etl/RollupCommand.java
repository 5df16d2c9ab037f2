package io.tributary.etl;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
        name = "rollup",
        description = {
            "Sum the windows of some days up to hours and days, in the table",
            "rollup_users. May be repeated.",
            ""
        },
        sortOptions = false)
final class RollupCommand extends JobCommand {
    @Option(names = "--from", paramLabel = "DAY", description = "Such as 2026-01-01, UTC (default: today).")
    private Optional<LocalDate> from = Optional.empty();

    @Option(names = "--to", paramLabel = "DAY", description = "The first that is left out (default: the day after).")
    private Optional<LocalDate> to = Optional.empty();

    RollupCommand(Surroundings around) {
        super(around);
    }

    @Override
    ExitCode execute() throws InterruptedException {
        LocalDate first =
                from.orElseGet(() -> LocalDate.ofInstant(around.clock().instant(), ZoneOffset.UTC));
        LocalDate last = to.orElseGet(() -> first.plusDays(1));
        if (!last.isAfter(first) || last.isAfter(first.plusDays(366))) {
            throw EtlFailure.usage("--from " + first + " --to " + last + ", expected 1..366 days");
        }
        JsonNode done = job(addresses(), "rollup", first.toString(), last.toString());
        print(
                done,
                List.of(Text.count(done.path("windows").asLong()) + " windows summed up to "
                        + Text.count(done.path("hours").asLong()) + " hours of "
                        + Text.count(done.path("days").asLong()) + " days"));
        return ExitCode.OK;
    }
}
