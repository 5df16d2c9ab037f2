package io.tributary.etl;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import picocli.CommandLine.Option;

/** A command that shows the newest of what the control API lists. */
abstract class ListCommand extends ApiCommand {
    /** As many as the control API gives at once. */
    private static final int MOST = 500;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "How many at most, 1 to " + MOST + " (default: ${DEFAULT-VALUE}).")
    private int limit;

    /** @param usual how many where nothing else is asked for */
    ListCommand(Surroundings around, int usual) {
        super(around);
        this.limit = usual;
    }

    /** Gives the API's whole answer, for {@code --json}. */
    abstract JsonNode ask(ControlApi api, int limit);

    abstract List<String> report(JsonNode answer);

    @Override
    final ExitCode execute() {
        if (limit < 1 || limit > MOST) {
            throw EtlFailure.usage("--limit=" + limit + ", expected 1.." + MOST);
        }
        JsonNode answer = ask(api(), limit);
        print(answer, report(answer));
        return ExitCode.OK;
    }
}
