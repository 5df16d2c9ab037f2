package io.tributary.etl;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.embedded.StackFailed;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code ./etl}: the whole of Tributary from one command line. */
@CommandLine.Command(
        name = "./etl",
        description = {
            "Tributary lands a paged HTTP source in PostgreSQL and Kafka, counts it in Cassandra, and proves that"
                    + " nothing was lost and nothing counted twice.",
            ""
        },
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  ./etl up                          everything, one run of 10,000 users,",
            "                                    and stay until Ctrl-C",
            "  ./etl up --once --users 100000    the same, and end: 0 when it reconciles",
            "  ./etl up --source https://randomuser.me/api/ --users 2000",
            "  ./etl run --users 50000 --nat us,gb     another run on what is up",
            "  ./etl reconcile latest --deep     compare the stores again, user by user",
            "  ./etl windows                     users by nationality and gender",
            "  ./etl windows --size 1h --slide 10m     longer windows that overlap",
            "  ./etl rebuild latest              count a run again from what is stored",
            "  ./etl dlq                         records that the stream has set aside",
            "  ./etl plan --users 50000          try what a run would be, write nothing",
            "  ./etl replay latest --topic T     publish a run again, to another topic",
            "  ./etl runs --url https://etl.example:8443 --token-file token",
            "                                    the same of an ingest elsewhere",
            "  ./etl down                        end what another terminal has started",
            "",
            "Every command has --help and --json."
        })
public final class Etl implements Runnable {
    private static final String HOME = "tributary.home";

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("unused") // picocli acts on it
    private boolean help;

    private final CommandLine.Model.CommandSpec spec;

    private Etl() {
        this.spec = CommandLine.Model.CommandSpec.forAnnotatedObject(this);
    }

    /**
     * Runs one command and ends the JVM with its {@link ExitCode}.
     *
     * @throws IllegalStateException where the property {@code tributary.home}, the folder of the project, is not set
     */
    public static void main(String[] arguments) {
        String home = System.getProperty(HOME);
        if (home == null) {
            throw new IllegalStateException("-D" + HOME + " is not set; start it by ./etl");
        }
        Surroundings around = new Surroundings(
                Path.of(home),
                Path.of("").toAbsolutePath(),
                System.out,
                Console::open,
                Clock.systemUTC(),
                System::nanoTime,
                System.nanoTime());
        System.exit(commandLine(around).execute(arguments));
    }

    static CommandLine commandLine(Surroundings around) {
        CommandLine line = new CommandLine(new Etl().spec)
                .addSubcommand(new UpCommand(around))
                .addSubcommand(new RunCommand(around))
                .addSubcommand(new RunsCommand(around))
                .addSubcommand(new WatchCommand(around))
                .addSubcommand(new ReconcileCommand(around))
                .addSubcommand(new WindowsCommand(around))
                .addSubcommand(new CancelCommand(around))
                .addSubcommand(new ReplayCommand(around))
                .addSubcommand(new RedriveCommand(around))
                .addSubcommand(new PlanCommand(around))
                .addSubcommand(new RebuildCommand(around))
                .addSubcommand(new RollupCommand(around))
                .addSubcommand(new CommandLine(new DlqCommand(around)).addSubcommand(new DlqRedriveCommand(around)))
                .addSubcommand(new DownCommand(around))
                .addSubcommand(completion())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((e, given) -> wrongOption(around, e, given))
                .setExecutionExceptionHandler((e, command, parsed) -> failed(around, e, command));
        Map<String, String> codes = new LinkedHashMap<>();
        for (ExitCode code : ExitCode.values()) {
            codes.put(" " + code.code(), code.meaning());
        }
        line.getCommandSpec()
                .usageMessage()
                .exitCodeListHeading("%nExit codes:%n")
                .exitCodeList(codes);
        return line;
    }

    /** Of picocli, for bash and zsh: {@code source <(./etl completion)}. */
    private static CommandLine completion() {
        CommandLine completion = new CommandLine(new AutoComplete.GenerateCompletion());
        completion.getCommandSpec().name("completion");
        return completion;
    }

    private static int wrongOption(Surroundings around, ParameterException e, String[] given) {
        String name = e.getCommandLine().getCommandSpec().qualifiedName(" ");
        String message = Text.printable(String.valueOf(e.getMessage()));
        e.getCommandLine().getErr().println("etl: " + message + "; see " + name + " --help");
        if (Arrays.asList(given).contains("--json")) {
            around.print(error(ExitCode.USAGE, message));
        }
        return ExitCode.USAGE.code();
    }

    private static int failed(Surroundings around, Exception e, CommandLine command) {
        ExitCode exit = e instanceof EtlFailure known ? known.exit() : ExitCode.BROKEN;
        if (Hooks.isEnding()) {
            return exit.code(); // what fails because of Ctrl-C is no news
        }
        String message = e instanceof EtlFailure known ? known.words() : String.valueOf(e.getMessage());
        PrintWriter err = command.getErr();
        if (e instanceof EtlFailure || e instanceof StackFailed) {
            err.println("etl: " + message);
        } else {
            err.println("etl: this should not happen, please report it:");
            e.printStackTrace(err);
        }
        err.flush();
        if (command.getCommand() instanceof Command known && known.isJson()) {
            around.print(error(exit, message));
        }
        return exit.code();
    }

    private static ObjectNode error(ExitCode exit, String message) {
        ObjectNode json = Json.object();
        json.putObject("error").put("exit", exit.code()).put("detail", message);
        return json;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given, expected up, run, runs, .. or down");
    }
}
