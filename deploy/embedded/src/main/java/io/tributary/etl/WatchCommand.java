package io.tributary.etl;

import io.tributary.etl.RunFollower.Patience;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

@CommandLine.Command(
        name = "watch",
        description = {"Follow a run to its end, whoever has started it, and change nothing.", ""},
        sortOptions = false)
final class WatchCommand extends OneRunCommand {
    WatchCommand(Surroundings around) {
        super(around);
    }

    /** 0 when it is complete, 1 when it ended otherwise. */
    @Override
    ExitCode execute(ControlApi api, String runId) throws InterruptedException {
        Run run = api.run(runId);
        Console console = around.console().get();
        Hooks hooks = Hooks.onEnd(() -> farewell(console));
        try (console;
                hooks) {
            Run ended = new RunSession(api, console, around.nanos(), Patience.DEFAULT, () -> {}).watch(run);
            List<String> lines = new ArrayList<>(Report.state(ended));
            lines.addAll(Report.run(ended));
            print(ended.json(), lines);
            return ended.state() == Run.State.COMPLETE ? ExitCode.OK : ExitCode.DIFFERS;
        }
    }

    private static void farewell(Console console) {
        console.hush();
        console.lastWord("etl: no longer watched; the run goes on");
    }
}
