package io.tributary.etl;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
        name = "windows",
        description = {"Show the latest windows in Cassandra: users by nationality and gender.", ""},
        sortOptions = false)
final class WindowsCommand extends ListCommand {
    @Option(
            names = "--size",
            paramLabel = "D",
            converter = Span.class,
            description =
                    "Such as 1h: longer windows, summed up from those that are counted (default: those themselves).")
    private Optional<Duration> size = Optional.empty();

    @Option(
            names = "--slide",
            paramLabel = "D",
            converter = Span.class,
            description = "Such as 10m: a window begins that often, so that they overlap (default: the size).")
    private Optional<Duration> slide = Optional.empty();

    WindowsCommand(Surroundings around) {
        super(around, 5);
    }

    @Override
    JsonNode ask(ControlApi api, int limit) {
        return api.windows(limit, size, slide);
    }

    @Override
    List<String> report(JsonNode answer) {
        return Report.windows(answer);
    }
}
