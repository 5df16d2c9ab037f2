package io.tributary.etl;

import picocli.CommandLine;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
        name = "cancel",
        description = {"Stop a run: pages already captured are still delivered, no other is asked for.", ""},
        sortOptions = false)
final class CancelCommand extends ApiCommand {
    @Parameters(paramLabel = "RUN", description = RunRef.HELP)
    private String run = "";

    CancelCommand(Surroundings around) {
        super(around);
    }

    @Override
    ExitCode execute() {
        ControlApi api = api();
        Run cancelled = api.cancel(RunRef.resolve(run, api));
        print(cancelled.json(), Report.cancelled(cancelled));
        return ExitCode.OK;
    }
}
