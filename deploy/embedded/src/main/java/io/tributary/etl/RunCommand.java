package io.tributary.etl;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.etl.RunFollower.Patience;
import io.tributary.etl.RunSession.Result;
import java.time.Duration;
import java.time.Instant;
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
    @Mixin
    private RunOptions options = new RunOptions();

    @Option(
            names = "--window-start",
            paramLabel = "T",
            description = "Such as 2026-01-01T00:00:00Z (default: the current minute).")
    private Optional<Instant> windowStart = Optional.empty();

    @Option(names = "--window-end", paramLabel = "T", description = "Default: five minutes after the start.")
    private Optional<Instant> windowEnd = Optional.empty();

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
        RunOrder order = options.order(windowStart, windowEnd, around.clock().instant());
        ControlApi api = api();
        Console console = around.console().get();
        Hooks hooks = Hooks.onEnd(() -> farewell(console));
        try (console;
                hooks) {
            Result result = new RunSession(api, console, around.nanos(), Patience.DEFAULT, () -> {})
                    .run(order, key.orElseGet(() -> UUID.randomUUID().toString()), options.isDeep());
            print(result);
            return result.exit();
        }
    }

    private static void farewell(Console console) {
        console.hush();
        console.lastWord("etl: no longer followed; the run goes on, see: ./etl runs");
    }

    private void print(Result result) {
        if (!isJson()) {
            around.print(result.report());
            return;
        }
        ObjectNode json = result.json();
        ObjectNode seconds = json.putObject("seconds");
        result.addSeconds(seconds);
        seconds.put("total", Text.exact(Duration.ofNanos(around.nanos().getAsLong() - around.startedNs())));
        around.print(json);
    }
}
