package io.tributary.perf;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.embedded.StackOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@CommandLine.Command(
        name = "perf/run",
        description = {"Measure the stack on this machine; one JSON file for each scenario.", ""},
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class Perf implements Callable<Integer> {
    private static final List<Scenario> SCENARIOS = List.of(
            OneStation.SOURCE,
            OneStation.POSTGRES,
            OneStation.KAFKA,
            new IngestIntoBoth(),
            new StreamIntoCassandra(),
            Sustained.END_TO_END,
            new Bursts(),
            Sustained.SOAK,
            new CaptureToReadable(),
            new Scale(),
            new ApiLoad());
    private static final ObjectMapper JSON = new ObjectMapper();

    @Parameters(
            arity = "1..*",
            paramLabel = "NAME",
            description = "Number or name, such as 04 or 04-ingest; perf/README.md has them all.")
    private List<String> names = new ArrayList<>();

    @Mixin
    private Wishes wishes = new Wishes();

    @Option(names = "--out", paramLabel = "DIR", description = "Where the JSON goes (default: perf/target/results).")
    private Path out = home().resolve("perf/target/results");

    @Option(
            names = "--keep",
            description = "Also keep it in perf/results, the last one of each, with a report and pictures.")
    private boolean keep;

    @Option(
            names = "--as",
            paramLabel = "LABEL",
            description = "Keep it as SCENARIO-LABEL, beside the one without, such as real-time.")
    private String label = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Perf())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }

    private static Path home() {
        return Path.of(System.getProperty("tributary.home", "."))
                .toAbsolutePath()
                .normalize();
    }

    private static Path kept() {
        return home().resolve("perf/results");
    }

    @Override
    public Integer call() throws Exception {
        List<Scenario> wanted = names.stream().map(Perf::named).toList();
        for (Scenario scenario : wanted) {
            ObjectNode result = measured(scenario);
            String json = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(result) + System.lineSeparator();
            String began = result.path("began").asText().replace(":", "");
            Files.writeString(Files.createDirectories(out).resolve(name(scenario) + "-" + began + ".json"), json);
            if (keep) {
                Files.writeString(Files.createDirectories(kept()).resolve(name(scenario) + ".json"), json);
                Report.write(kept());
            }
            System.out.println(json);
        }
        return 0;
    }

    private String name(Scenario scenario) {
        return label.isEmpty() ? scenario.name() : scenario.name() + "-" + label;
    }

    private ObjectNode measured(Scenario scenario) throws Exception {
        ObjectNode result = JSON.createObjectNode()
                .put("scenario", scenario.name())
                .put(
                        "command",
                        String.join(" ", spec.commandLine().getParseResult().originalArgs()))
                .put("began", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString())
                .put("processor", Machine.processor())
                .put("processors", Runtime.getRuntime().availableProcessors())
                .put("loadBefore", Machine.load());
        StackOptions stack = wishes.applied(scenario.stack(Bench.plain(home()), wishes));
        Path pictures = Files.createDirectories(keep ? kept() : out).toAbsolutePath();
        FlameGraphs flames = new FlameGraphs(wishes.flames, name(scenario), pictures);
        try (Bench bench = Bench.start(stack, flames)) {
            scenario.measure(bench, wishes, result.putObject("figures"));
        } catch (Exception e) {
            System.err.println(result.toPrettyString()); // what was measured until then
            throw e;
        }
        flames.pictures().forEach(result.withArray("flames")::add);
        return result.put("loadAfter", Machine.load());
    }

    private static Scenario named(String name) {
        return SCENARIOS.stream()
                .filter(scenario ->
                        scenario.name().equals(name) || scenario.name().startsWith(name + "-"))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(name + " is no scenario, expected one of "
                        + SCENARIOS.stream().map(Scenario::name).toList()));
    }
}
