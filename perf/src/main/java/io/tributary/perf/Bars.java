package io.tributary.perf;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A picture of CPU per user: one bar for each cost, one colour for each process; a bar that is far longer than the first is cut. */
final class Bars {
    private static final Set<String> SUMS = Set.of("all", "allWithoutSource");
    private static final List<String> COLOURS =
            List.of("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#bbbbbb", "#222255", "#999933");

    private static final double CUT_AT = 4;
    private static final int LEFT = 110;
    private static final int WIDTH = 560;
    private static final int RIGHT = 130;
    private static final int ROW = 26;
    private static final int TOP = 44;
    private static final int THIN = 1; // a share of fewer pixels is not drawn

    private final StringBuilder svg = new StringBuilder();
    private final List<String> processes;
    private final double most;

    private Bars(List<NamedCost> costs) {
        Set<String> names = new LinkedHashSet<>();
        costs.forEach(cost -> cpu(cost).fieldNames().forEachRemaining(names::add));
        names.removeAll(SUMS);
        processes = new ArrayList<>(names);
        double first = all(costs.get(0));
        most = costs.stream()
                .mapToDouble(Bars::all)
                .filter(micros -> micros <= CUT_AT * first)
                .max()
                .orElse(first);
    }

    static String of(List<NamedCost> costs) {
        return new Bars(costs).draw(costs);
    }

    private static JsonNode cpu(NamedCost cost) {
        return cost.figures().path("cpuMicrosPerUser");
    }

    private static double all(NamedCost cost) {
        return cpu(cost).path("all").asDouble();
    }

    private String draw(List<NamedCost> costs) {
        svg.append(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">%n"
                        .formatted(LEFT + WIDTH + RIGHT, TOP + ROW * costs.size() + 8));
        svg.append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>").append(System.lineSeparator());
        text(8, 16, "CPU in microseconds a user, by process");
        legend();
        for (int row = 0; row < costs.size(); row++) {
            bar(costs.get(row), TOP + ROW * row);
        }
        return svg.append("</svg>").append(System.lineSeparator()).toString();
    }

    private void legend() {
        int x = 8;
        for (String process : processes) {
            rect(x, 24, 10, 10, colour(process));
            text(x + 14, 33, process);
            x += 26 + 7 * process.length();
        }
    }

    private void bar(NamedCost cost, int y) {
        text(8, y + 15, cost.name());
        double x = LEFT;
        double whole = Math.max(most, all(cost)); // a cut one keeps its proportions
        for (Map.Entry<String, JsonNode> share : cpu(cost).properties()) {
            double width = share.getValue().asDouble() / whole * WIDTH;
            if (processes.contains(share.getKey()) && width >= THIN) {
                rect(x, y, width, ROW - 6, colour(share.getKey()));
                x += width;
            }
        }
        String cut = all(cost) > most ? " (cut)" : "";
        text(x + 6, y + 15, String.format(Locale.ROOT, "%,.1f%s", all(cost), cut));
    }

    private String colour(String process) {
        return COLOURS.get(processes.indexOf(process) % COLOURS.size());
    }

    private void rect(double x, double y, double width, double height, String colour) {
        svg.append(String.format(
                Locale.ROOT,
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>%n",
                x,
                y,
                width,
                height,
                colour));
    }

    private void text(double x, double y, String words) {
        svg.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\">%s</text>%n", x, y, words));
    }
}
