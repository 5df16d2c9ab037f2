package io.tributary.etl;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
        name = "windows",
        description = {"Show the latest windows in Cassandra: users by nationality and gender.", ""},
        sortOptions = false)
final class WindowsCommand extends ApiCommand {
    @Option(names = "--limit", paramLabel = "N", description = "How many windows (default: ${DEFAULT-VALUE}).")
    private int limit = 5;

    WindowsCommand(Surroundings around) {
        super(around);
    }

    @Override
    ExitCode execute() {
        if (limit < 1) {
            throw EtlFailure.usage("--limit=" + limit + ", expected 1 or more windows");
        }
        JsonNode answer = api().windows(limit);
        if (isJson()) {
            around.print(answer);
        } else {
            around.print(Report.windows(answer));
        }
        return ExitCode.OK;
    }
}
