package io.tributary.perf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** How the stack looked at {@link #COUNT} moments, the same number of users between each two of them. */
final class Samples {
    static final int COUNT = 12;

    private static final int QUARTER = COUNT / 4;
    private static final List<String> BY_PROCESS = List.of("residentMiB", "cpuMicrosPerUser");

    private final long users;
    private final ArrayNode all = JsonNodeFactory.instance.arrayNode();
    private Map<String, Double> cpuSeconds = Map.of();

    /** @param users between two of them */
    Samples(long users) {
        this.users = users;
    }

    long usersOfAll() {
        return users * COUNT;
    }

    void begin(Meter meter) throws IOException {
        cpuSeconds = meter.cpuSeconds();
    }

    /**
     * @param lag in records
     * @param records so far
     */
    void add(Meter meter, long lag, long records) throws IOException {
        ObjectNode sample = all.addObject().put("lag", lag).put("records", records);
        sample.set("residentMiB", meter.residentMiB());
        ObjectNode cpu = sample.putObject("cpuMicrosPerUser");
        Map<String, Double> now = meter.cpuSeconds();
        now.forEach((process, seconds) ->
                cpu.put(process, Rounded.to(2, (seconds - cpuSeconds.getOrDefault(process, 0.0)) * 1e6 / users)));
        cpuSeconds = now;
    }

    /** All of them, and means of each process in the first and the last quarter of the time. */
    void describe(ObjectNode into) {
        into.set("samples", all);
        mean(0, into.putObject("firstQuarter"));
        mean(COUNT - QUARTER, into.putObject("lastQuarter"));
    }

    private void mean(int from, ObjectNode into) {
        for (String figure : BY_PROCESS) {
            ObjectNode means = into.putObject(figure);
            cpuSeconds.keySet().forEach(process -> means.put(process, Rounded.to(1, mean(from, figure, process))));
        }
    }

    private double mean(int from, String figure, String process) {
        return IntStream.range(from, from + QUARTER)
                .mapToDouble(
                        sample -> all.get(sample).path(figure).path(process).asDouble())
                .average()
                .orElse(0);
    }
}
