package io.tributary.etl;

import picocli.CommandLine;

@CommandLine.Command(
        name = "redrive",
        description = {
            "Try the quarantined pages of a run again, after what was wrong is mended.",
            "",
            "They go on from where they stood. Users that were set aside stay so.",
            ""
        },
        sortOptions = false)
final class RedriveCommand extends OneRunCommand {
    RedriveCommand(Surroundings around) {
        super(around);
    }

    @Override
    ExitCode execute(ControlApi api, String runId) {
        Redrive redriven = api.redrive(runId);
        print(redriven.json(), Report.redrive(redriven));
        return ExitCode.OK;
    }
}
