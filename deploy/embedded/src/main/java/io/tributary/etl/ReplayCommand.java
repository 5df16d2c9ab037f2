package io.tributary.etl;

import io.tributary.etl.ReplayFollower.Patience;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
        name = "replay",
        description = {
            "Publish a run again from its stored responses, and follow that to its end.",
            "",
            "The same keys and bytes as the first time: nothing is counted twice.",
            ""
        },
        sortOptions = false)
final class ReplayCommand extends OneRunCommand {
    @Option(
            names = "--topic",
            paramLabel = "T",
            description = "Publish to this topic, made where there is none (default: the one of runs).")
    private Optional<String> topic = Optional.empty();

    ReplayCommand(Surroundings around) {
        super(around);
    }

    @Override
    ExitCode execute(ControlApi api, String runId) throws InterruptedException {
        Replay begun = api.startReplay(runId, topic);
        Console console = around.console().get();
        Hooks hooks = Hooks.onEnd(() -> farewell(console));
        try (console;
                hooks) {
            Replay ended = follow(api, begun, console);
            print(ended.json(), Report.replay(ended));
            return ended.state() == Replay.State.COMPLETE ? ExitCode.OK : ExitCode.DIFFERS;
        }
    }

    private Replay follow(ControlApi api, Replay begun, Console console) throws InterruptedException {
        console.say("replay " + begun.id());
        console.say("of run " + begun.run() + " to " + Text.printable(begun.topic()));
        ReplayProgress progress = new ReplayProgress(begun, around.nanos());
        console.show(Optional.of(progress));
        try {
            return new ReplayFollower(
                            api,
                            begun,
                            Patience.DEFAULT,
                            around.nanos(),
                            now -> {
                                progress.update(now);
                                if (!console.isLive()) {
                                    progress.news().ifPresent(console::say);
                                }
                            },
                            console::say)
                    .follow();
        } finally {
            console.show(Optional.empty());
        }
    }

    private static void farewell(Console console) {
        console.hush();
        console.lastWord("etl: no longer followed; the replay goes on");
    }
}
