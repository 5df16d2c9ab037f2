package io.tributary.etl;

import picocli.CommandLine;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
        name = "redrive",
        description = {
            "Try the quarantined pages of a run again, after what was wrong is mended.",
            "",
            "They go on from where they stood. Users that were set aside stay so.",
            ""
        },
        sortOptions = false)
final class RedriveCommand extends ApiCommand {
    @Parameters(paramLabel = "RUN", description = RunRef.HELP)
    private String run = "";

    RedriveCommand(Surroundings around) {
        super(around);
    }

    @Override
    ExitCode execute() {
        ControlApi api = api();
        Redrive redriven = api.redrive(RunRef.resolve(run, api));
        print(redriven.json(), Report.redrive(redriven));
        return ExitCode.OK;
    }
}
