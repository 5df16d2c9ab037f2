package io.tributary.etl;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import picocli.CommandLine;

@CommandLine.Command(
        name = "windows",
        description = {"Show the latest windows in Cassandra: users by nationality and gender.", ""},
        sortOptions = false)
final class WindowsCommand extends ListCommand {
    WindowsCommand(Surroundings around) {
        super(around, 5);
    }

    @Override
    JsonNode ask(ControlApi api, int limit) {
        return api.windows(limit);
    }

    @Override
    List<String> report(JsonNode answer) {
        return Report.windows(answer);
    }
}
