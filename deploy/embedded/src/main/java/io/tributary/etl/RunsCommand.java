package io.tributary.etl;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
        name = "runs",
        description = {"List the runs, newest first.", ""},
        sortOptions = false)
final class RunsCommand extends ApiCommand {
    @Option(names = "--limit", paramLabel = "N", description = "How many at most (default: ${DEFAULT-VALUE}).")
    private int limit = 50;

    RunsCommand(Surroundings around) {
        super(around);
    }

    @Override
    ExitCode execute() {
        if (limit < 1) {
            throw EtlFailure.usage("--limit=" + limit + ", expected 1 or more runs");
        }
        JsonNode answer = api().runs(limit);
        if (isJson()) {
            around.print(answer);
        } else {
            around.print(Report.runs(ControlApi.runsIn(answer)));
        }
        return ExitCode.OK;
    }
}
