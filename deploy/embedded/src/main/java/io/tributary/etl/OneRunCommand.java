package io.tributary.etl;

import java.io.IOException;
import picocli.CommandLine.Parameters;

/** A command about one run that a control API knows. */
abstract class OneRunCommand extends ApiCommand {
    @Parameters(paramLabel = "RUN", description = RunRef.HELP)
    private String run = "";

    OneRunCommand(Surroundings around) {
        super(around);
    }

    abstract ExitCode execute(ControlApi api, String runId) throws InterruptedException, IOException;

    @Override
    final ExitCode execute() throws InterruptedException, IOException {
        ControlApi api = api();
        return execute(api, RunRef.resolve(run, api));
    }
}
