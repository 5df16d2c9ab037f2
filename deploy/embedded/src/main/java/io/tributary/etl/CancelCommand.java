package io.tributary.etl;

import picocli.CommandLine;

@CommandLine.Command(
        name = "cancel",
        description = {"Stop a run: pages already captured are still delivered, no other is asked for.", ""},
        sortOptions = false)
final class CancelCommand extends OneRunCommand {
    CancelCommand(Surroundings around) {
        super(around);
    }

    @Override
    ExitCode execute(ControlApi api, String runId) {
        Run cancelled = api.cancel(runId);
        print(cancelled.json(), Report.state(cancelled));
        return ExitCode.OK;
    }
}
