package io.tributary.etl;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import picocli.CommandLine;

@CommandLine.Command(
        name = "runs",
        description = {"List the runs, newest first.", ""},
        sortOptions = false)
final class RunsCommand extends ListCommand {
    RunsCommand(Surroundings around) {
        super(around, 50);
    }

    @Override
    JsonNode ask(ControlApi api, int limit) {
        return api.runs(limit);
    }

    @Override
    List<String> report(JsonNode answer) {
        return Report.runs(ControlApi.runsIn(answer));
    }
}
