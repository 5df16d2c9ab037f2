package io.tributary.etl;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.embedded.AirflowConfig;
import io.tributary.embedded.EmbeddedStack;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.LauncherLog;
import io.tributary.embedded.StackFailed;
import io.tributary.embedded.StackOptions;
import io.tributary.etl.RunFollower.Patience;
import io.tributary.etl.RunSession.Result;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@CommandLine.Command(
        name = "up",
        description = {
            "Start everything, do one run, reconcile it, and stay until Ctrl-C.",
            "",
            "PostgreSQL, Kafka, a schema registry, Cassandra, a stand-in for randomuser.me, ingest and the stream run"
                    + " as child processes; none outlives this command. What they keep stays in the folder for the next"
                    + " start.",
            ""
        },
        sortOptions = false)
final class UpCommand extends Command {
    /** What a restart repeats at most; each checkpoint holds the records up that come at that moment. */
    private static final String CHECKPOINT_EVERY = "1m";

    private static final Console.View ENDING = (columns, fancy) -> List.of(StackStart.line("ending everything"));

    @Mixin
    private RunOptions options = new RunOptions();

    @Option(names = "--deep", description = RunCommand.DEEP)
    private boolean deep;

    @Option(names = "--once", description = "End after the run: exit 0 when it reconciles, 1 when not.")
    private boolean once;

    @Option(
            names = "--source",
            paramLabel = "URL",
            description = "Another source, such as https://randomuser.me/api/ (default: the stand-in).")
    private Optional<URI> source = Optional.empty();

    @Option(
            names = "--source-quota",
            paramLabel = "N",
            description = "Users the stand-in hands out in 5 minutes (default: 0, no limit; the real one has one).")
    private long sourceQuota;

    @Option(
            names = "--cluster",
            description =
                    "Run the stream on a Spark cluster: two masters, of which one leads, and workers (8 GiB in all).")
    private boolean cluster;

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "Of the cluster, with a core each, 1 to " + StackOptions.MOST_WORKERS + " (default: 2).")
    private Optional<Integer> workers = Optional.empty();

    @Option(
            names = "--real-time",
            description = "Write users one by one in Spark's real-time mode, not in micro-batches; without --cluster.")
    private boolean realTime;

    @Option(
            names = "--airflow",
            description = "Airflow too, whose DAGs open the run windows; needs Python 3.10 to 3.13 (7 GiB in all).")
    private boolean airflow;

    @Option(names = "--unpause", description = "Turn Airflow's DAGs on: a window every five minutes from now on.")
    private boolean unpause;

    @Option(
            names = "--port",
            paramLabel = "PART=N",
            description = "Where a part is to listen, repeatable: postgres, kafka, registry, cassandra, source, ingest,"
                    + " stream or airflow (default: free ones, kept for the next start).")
    private Map<String, Integer> ports = new LinkedHashMap<>();

    UpCommand(Surroundings around) {
        super(around);
    }

    @Override
    ExitCode execute() throws InterruptedException, IOException {
        RunOrder order = options.order(new WindowOptions(), around.clock().instant());
        StackOptions wanted = stackOptions();
        LauncherLog.into(data());
        Path logs = data().resolve("logs");
        try (Console console = around.console().get()) {
            if (airflow) {
                AirflowInstall.of(around.home(), console::say);
            }
            StackStart start = new StackStart(console, logs, around.here(), wanted.parts(), around.nanos());
            EmbeddedStack stack = EmbeddedStack.of(wanted, start);
            Hooks hooks = Hooks.onEnd(() -> end(stack, console)); // before the first process is started
            ExitCode exit;
            try (hooks;
                    stack) {
                exit = runOn(stack, start, console, order, logs);
            }
            console.show(Optional.empty());
            return exit;
        }
    }

    private ExitCode runOn(EmbeddedStack stack, StackStart start, Console console, RunOrder order, Path logs)
            throws InterruptedException, IOException {
        try {
            return up(stack, start, console, order, logs);
        } finally {
            console.show(Optional.of(ENDING));
        }
    }

    private ExitCode up(EmbeddedStack stack, StackStart start, Console console, RunOrder order, Path logs)
            throws InterruptedException, IOException {
        Optional<String> newPassword = newPassword();
        console.say("starting " + start.count() + " parts in " + Text.path(data(), around.here()));
        console.show(Optional.of(start));
        try {
            stack.up();
        } catch (StackFailed e) {
            throw EtlFailure.broken(message(e), e);
        } finally {
            console.show(Optional.empty());
        }
        Duration ready = sinceStart();
        console.say("everything is ready after " + Text.seconds(ready));
        newPassword.ifPresent(console::say);
        RunOrder now = order.startingAt(around.clock().instant());
        URI ingest = stack.addresses()
                .ingestUrl()
                .orElseThrow(() -> new IllegalStateException("a stack without ingest was started"));
        console.say("watch it at " + ingest + "/");
        RunSession session = new RunSession(
                new ControlApi(ingest), console, around.nanos(), Patience.DEFAULT, () -> checkBroken(stack));
        Result result = session.run(now, UUID.randomUUID().toString(), deep);
        print(result, stack, start, ready, logs);
        if (once) {
            return result.exit();
        }
        console.say("up until Ctrl-C or ./etl down; another run: ./etl run");
        throw EtlFailure.broken(message(stack.broken().join()), null);
    }

    /** What is said of Airflow's password, which is said once: when it is made. */
    private Optional<String> newPassword() throws IOException {
        Path file = AirflowConfig.passwords(data());
        if (!airflow || Files.exists(file)) {
            return Optional.empty();
        }
        return Optional.of("Airflow's user " + AirflowConfig.USER + " has the password "
                + AirflowConfig.password(data()) + " (told this once; it is kept in " + Text.path(file, around.here())
                + ")");
    }

    private void print(Result result, EmbeddedStack stack, StackStart start, Duration ready, Path logs) {
        if (isJson()) {
            ObjectNode json = result.json();
            ObjectNode seconds = json.putObject("seconds");
            start.addSeconds(seconds);
            seconds.put("ready", Text.exact(ready));
            result.firstCountedNs()
                    .ifPresent(
                            ns -> seconds.put("firstCounted", Text.exact(Duration.ofNanos(ns - around.startedNs()))));
            result.addSeconds(seconds);
            seconds.put("total", Text.exact(sinceStart()));
            around.print(json);
            return;
        }
        around.print(result.report());
        if (!once) {
            around.print(List.of(""));
            around.print(Report.addresses(stack.addresses(), logs, around.here()));
        }
    }

    /** Ctrl-C, SIGTERM, or the end of the program with the stack still there. */
    private void end(EmbeddedStack stack, Console console) {
        long beganNs = around.nanos().getAsLong();
        console.hush();
        console.lastWord("etl: ending everything");
        stack.close();
        Duration took = Duration.ofNanos(around.nanos().getAsLong() - beganNs);
        console.lastWord("etl: everything has ended (" + Text.seconds(took) + ")");
    }

    private static void checkBroken(EmbeddedStack stack) {
        StackFailed failed = stack.broken().getNow(null);
        if (failed != null) {
            throw EtlFailure.broken(message(failed), failed);
        }
    }

    private static String message(StackFailed failed) {
        String message = failed.getMessage();
        return message == null ? failed.toString() : message;
    }

    private Duration sinceStart() {
        return Duration.ofNanos(around.nanos().getAsLong() - around.startedNs());
    }

    private StackOptions stackOptions() {
        if (sourceQuota < 0) {
            throw EtlFailure.usage("--source-quota=" + sourceQuota + ", expected 0 (no limit) or more users");
        }
        if (source.isPresent() && sourceQuota > 0) {
            throw EtlFailure.usage("--source-quota is the stand-in's, which --source replaces; give one of them");
        }
        StackOptions wanted = StackOptions.of(around.home()).withDataDir(data()).withSourceQuota(sourceQuota);
        int many = workers.orElse(2);
        if (many < 1 || many > StackOptions.MOST_WORKERS) {
            throw EtlFailure.usage("--workers=" + many + ", expected 1.." + StackOptions.MOST_WORKERS);
        }
        if (workers.isPresent() && !cluster) {
            throw EtlFailure.usage("--workers are the cluster's; give --cluster too");
        }
        if (realTime && cluster) {
            throw EtlFailure.usage(
                    "--real-time holds a core for each partition, and the cluster's workers have one each;"
                            + " give one of --real-time and --cluster");
        }
        if (cluster) {
            wanted = wanted.withCluster(many);
        }
        if (realTime) {
            wanted = wanted.withEnv(Part.STREAM, "STREAM_REAL_TIME", CHECKPOINT_EVERY);
        }
        if (unpause && !airflow) {
            throw EtlFailure.usage("--unpause is about Airflow's DAGs; give --airflow too");
        }
        if (airflow) {
            wanted = unpause ? wanted.withAirflow().withDagsUnpaused() : wanted.withAirflow();
        }
        if (source.isPresent()) {
            wanted = wanted.withSourceUrl(httpAddress("--source", source.get()));
        }
        for (Map.Entry<String, Integer> port : ports.entrySet()) {
            wanted = wanted.withPort(part(port.getKey(), wanted), port(port.getKey(), port.getValue()));
        }
        return wanted;
    }

    private static Part part(String name, StackOptions wanted) {
        return wanted.parts().stream()
                .filter(part -> part.label().equals(name.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> EtlFailure.usage("--port: no part is named '" + Text.printable(name) + "', expected "
                        + wanted.parts().stream().map(Part::label).collect(Collectors.joining(", "))));
    }

    private static int port(String name, int port) {
        if (port < 1 || port > 65_535) {
            throw EtlFailure.usage("--port: " + name + "=" + port + ", expected 1..65535");
        }
        return port;
    }
}
