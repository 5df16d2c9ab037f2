package io.tributary.perf;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
        name = "perf/run",
        description = {"Measure the stack on this machine; one JSON file for each scenario.", ""},
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class Perf implements Callable<Integer> {
    private static final List<Scenario> SCENARIOS = List.of(new StreamIntoCassandra(), new CaptureToReadable());
    private static final ObjectMapper JSON = new ObjectMapper();

    @Parameters(arity = "1..*", paramLabel = "NAME", description = "Number or name: 05-stream, 09-latency.")
    private List<String> names = new ArrayList<>();

    @Mixin
    private Wishes wishes = new Wishes();

    @Option(names = "--out", paramLabel = "DIR", description = "Where the JSON goes (default: perf/target/results).")
    private Path out = home().resolve("perf/target/results");

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Perf()).execute(arguments));
    }

    private static Path home() {
        return Path.of(System.getProperty("tributary.home", "."))
                .toAbsolutePath()
                .normalize();
    }

    @Override
    public Integer call() throws Exception {
        List<Scenario> wanted = names.stream().map(Perf::named).toList();
        for (Scenario scenario : wanted) {
            Instant began = Instant.now().truncatedTo(ChronoUnit.SECONDS);
            ObjectNode result = JSON.createObjectNode()
                    .put("scenario", scenario.name())
                    .put("began", began.toString())
                    .put("processors", Runtime.getRuntime().availableProcessors())
                    .put("loadBefore", Machine.load());
            ObjectNode with = result.putObject("with");
            with.put("env", String.join(" ", wishes.env));
            with.put("jvm", String.join(" ", wishes.jvm));
            with.put("settings", String.join(" ", wishes.settings));
            try (Bench bench = Bench.start(home(), wishes)) {
                scenario.measure(bench, wishes, result.putObject("figures"));
            }
            result.put("loadAfter", Machine.load());
            Files.createDirectories(out);
            Path file = out.resolve(scenario.name() + "-" + began.toString().replace(":", "") + ".json");
            Files.writeString(
                    file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(result) + System.lineSeparator());
            System.out.println(Files.readString(file));
        }
        return 0;
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
