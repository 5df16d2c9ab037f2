package io.tributary.perf;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What {@link Cost} described, found again in a result. */
record NamedCost(String name, JsonNode figures) {
    /** Figures of a cost that its row of a table tells. */
    static final Set<String> TOLD = Set.of(
            "users",
            "seconds",
            "usersPerSecond",
            "usersPerCpuSecond",
            "usersPerCpuSecondWithoutSource",
            "othersCores",
            "disturbed");

    static boolean isCost(JsonNode figures) {
        return figures.has("cpuMicrosPerUser") && figures.has("usersPerCpuSecond");
    }

    /** All, by the names under which they stand, in order. */
    static List<NamedCost> in(JsonNode figures) {
        List<NamedCost> found = new ArrayList<>();
        collect("whole", figures, found);
        return found;
    }

    private static void collect(String name, JsonNode figures, List<NamedCost> found) {
        if (isCost(figures)) {
            found.add(new NamedCost(name, figures));
            return;
        }
        figures.properties().forEach(one -> collect(one.getKey(), one.getValue(), found));
    }
}
