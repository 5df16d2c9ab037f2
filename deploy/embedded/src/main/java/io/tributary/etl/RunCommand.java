package io.tributary.etl;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.etl.RunFollower.Patience;
import io.tributary.etl.RunSession.Result;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@CommandLine.Command(
        name = "run",
        description = {"Do a run on a stack that is up, follow it, and reconcile it.", ""},
        sortOptions = false)
final class RunCommand extends ApiCommand {
    static final String DEEP = "Reconcile by reading every user back from Cassandra too; slower.";

    @Mixin
    private RunOptions options = new RunOptions();

    @Mixin
    private WindowOptions window = new WindowOptions();

    @Option(names = "--deep", description = DEEP)
    private boolean deep;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description =
                    "Idempotency key: a repeat with the same key, window and users finds the same run (default: a new one).")
    private Optional<String> key = Optional.empty();

    RunCommand(Surroundings around) {
        super(around);
    }

    @Override
    ExitCode execute() throws InterruptedException {
        RunOrder order = options.order(window, around.clock().instant());
        ControlApi api = api();
        Console console = around.console().get();
        Hooks hooks = Hooks.onEnd(() -> farewell(console));
        try (console;
                hooks) {
            Result result = new RunSession(api, console, around.nanos(), Patience.DEFAULT, () -> {})
                    .run(order, key.orElseGet(() -> UUID.randomUUID().toString()), deep);
            print(result);
            return result.exit();
        }
    }

    private static void farewell(Console console) {
        console.hush();
        console.lastWord("etl: no longer followed; the run goes on, see: ./etl runs");
    }

    private void print(Result result) {
        ObjectNode json = result.json();
        ObjectNode seconds = json.putObject("seconds");
        result.addSeconds(seconds);
        seconds.put("total", Text.exact(Duration.ofNanos(around.nanos().getAsLong() - around.startedNs())));
        print(json, result.report());
    }
}
