package io.tributary.etl;

import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
        name = "cancel",
        description = {"Stop a run: pages already captured are still delivered, no other is asked for.", ""},
        sortOptions = false)
final class CancelCommand extends ApiCommand {
    @Parameters(paramLabel = "RUN", description = "A run's id, a beginning of it, or latest.")
    private String run = "";

    CancelCommand(Surroundings around) {
        super(around);
    }

    @Override
    ExitCode execute() {
        ControlApi api = api();
        Run cancelled = api.cancel(RunRef.resolve(run, api));
        if (isJson()) {
            around.print(cancelled.json());
        } else {
            around.print(List.of("run " + cancelled.id() + " is "
                    + cancelled.state().name().toLowerCase(Locale.ROOT) + ", "
                    + Text.count(cancelled.progress().captured()) + " users captured"));
        }
        return ExitCode.OK;
    }
}
