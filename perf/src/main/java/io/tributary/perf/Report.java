package io.tributary.perf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** One page of the results that are kept in a folder: for each scenario its costs as a table and a picture, then its other figures. */
final class Report {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HEAD = """
            # Results

            Written by `perf/run .. --keep` from the JSON files beside it; [perf](../README.md) says what is measured. CPU in microseconds a
            user. A row marked * was measured while something else kept more than a tenth of a core busy.
            """;
    private static final String COLUMNS = """

            | | users | users/s | users per CPU second | CPU | without the source's | others' cores |
            |---|--:|--:|--:|--:|--:|--:|
            """;

    private final StringBuilder text = new StringBuilder(HEAD);
    private final Path folder;

    private Report(Path folder) {
        this.folder = folder;
    }

    /** Writes {@code README.md} and the pictures. */
    static void write(Path folder) throws IOException {
        Report report = new Report(folder);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".json"))
                    .sorted()
                    .toList()) {
                report.add(name(file), JSON.readTree(file.toFile()));
            }
        }
        Files.writeString(folder.resolve("README.md"), report.text);
    }

    private static String name(Path json) {
        return json.getFileName().toString().replaceFirst("\\.json$", "");
    }

    private void add(String name, JsonNode result) throws IOException {
        text.append("%n## [%s](../%s.md)%n%n"
                .formatted(name, result.path("scenario").asText()));
        text.append("`perf/run %s`, %s, %s, %d cores, load %s before and %s after.%n"
                .formatted(
                        result.path("command").asText(),
                        result.path("began").asText(),
                        result.path("processor").asText(),
                        result.path("processors").asInt(),
                        result.path("loadBefore").asText(),
                        result.path("loadAfter").asText()));
        List<NamedCost> costs = NamedCost.in(result.path("figures"));
        if (!costs.isEmpty()) {
            text.append(COLUMNS);
            costs.forEach(this::row);
        }
        if (costs.size() > 1) {
            Files.writeString(folder.resolve(name + ".svg"), Bars.of(costs));
            text.append("%n![CPU a user, by process](%s.svg)%n".formatted(name));
        }
        for (JsonNode flames : result.path("flames")) {
            text.append("%n[Where the CPU went](%s): a flame graph to open in a browser.%n".formatted(flames.asText()));
        }
        text.append(System.lineSeparator());
        figures("", result.path("figures"));
    }

    private void row(NamedCost cost) {
        JsonNode figures = cost.figures();
        JsonNode cpu = figures.path("cpuMicrosPerUser");
        text.append("| %s%s | %,d | %,d | %,d | %s | %s | %s |%n"
                .formatted(
                        cost.name(),
                        figures.path("disturbed").asBoolean() ? " *" : "",
                        figures.path("users").asLong(),
                        figures.path("usersPerSecond").asLong(),
                        figures.path("usersPerCpuSecond").asLong(),
                        cpu.path("all").asText(),
                        cpu.path("allWithoutSource").asText(),
                        figures.path("othersCores").asText()));
    }

    /** What is not told by the table; series are in the JSON alone. */
    private void figures(String prefix, JsonNode of) {
        boolean isCost = NamedCost.isCost(of);
        of.properties().forEach(figure -> {
            String name = prefix + figure.getKey();
            if (figure.getValue().isObject()) {
                if (!isCost) {
                    figures(name + ".", figure.getValue());
                }
            } else if (figure.getValue().isValueNode() && !(isCost && NamedCost.TOLD.contains(figure.getKey()))) {
                text.append("- %s: %s%n".formatted(name, figure.getValue().asText()));
            }
        });
    }
}
