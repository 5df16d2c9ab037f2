package io.tributary.perf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.embedded.EmbeddedStack.Part;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * What a run took while others asked the API, and what these were answered.
 *
 * @param reports of Vegeta, by kind of request
 * @param listeners on the run's events; empty: nobody listened
 */
record AttendedRun(Cost cost, Map<String, JsonNode> reports, Optional<Vegeta.Attack> listeners) {
    /** Until all have come that want to listen. */
    private static final Duration ARRIVAL = Duration.ofSeconds(5);

    private static final Duration LOOK = Duration.ofMillis(200);
    private static final double NANOS_A_MILLI = 1e6;

    /**
     * A run, and who asks the API while it goes on.
     *
     * @param pageSize users of a page
     * @param requests a second, of each kind
     * @param listeners on the run's events, from its first second to its end
     */
    record Load(int pages, int pageSize, int seconds, int requests, int listeners) {
        Load withRequests(int aSecond) {
            return new Load(pages, pageSize, seconds, aSecond, listeners);
        }

        Load withListeners(int clients) {
            return new Load(pages, pageSize, seconds, requests, clients);
        }

        int users() {
            return pages * pageSize;
        }
    }

    /** From the request that starts the run to the last answer, when Cassandra has all its users, too. */
    static AttendedRun measured(Bench bench, Vegeta vegeta, Load load) throws Exception {
        bench.database().settle();
        Map<String, Vegeta.Attack> requests = new LinkedHashMap<>();
        List<Vegeta.Attack> listeners = new ArrayList<>();
        try {
            Control control = bench.control();
            Cost cost = bench.measure(load.users(), meter -> {
                UUID run = control.start(load.users(), load.pageSize(), Optional.empty());
                if (load.listeners() > 0) {
                    listeners.add(vegeta.hold("listeners", control.runs("/" + run + "/events"), load.listeners()));
                }
                if (load.requests() > 0) {
                    ask(vegeta, load, control, run, requests);
                }
                TimeUnit.MILLISECONDS.sleep(ARRIVAL.toMillis());
                listeners.forEach(Vegeta.Attack::noMore);
                Bench.until(LOOK, () -> control.isSettled(run));
                toEnd(requests.values());
                toEnd(listeners);
            });
            return new AttendedRun(cost, reports(requests), listeners.stream().findFirst());
        } finally {
            requests.values().forEach(Vegeta.Attack::close);
            listeners.forEach(Vegeta.Attack::close);
        }
    }

    private static void ask(Vegeta vegeta, Load load, Control control, UUID run, Map<String, Vegeta.Attack> into)
            throws Exception {
        into.put("status", vegeta.ask("status", control.runs("/" + run), load.requests(), load.seconds()));
        into.put("list", vegeta.ask("list", control.runs(""), load.requests(), load.seconds()));
    }

    private static void toEnd(Iterable<Vegeta.Attack> attacks) throws Exception {
        for (Vegeta.Attack one : attacks) {
            one.await();
        }
    }

    private static Map<String, JsonNode> reports(Map<String, Vegeta.Attack> requests) throws Exception {
        Map<String, JsonNode> reports = new LinkedHashMap<>();
        for (Map.Entry<String, Vegeta.Attack> one : requests.entrySet()) {
            reports.put(one.getKey(), one.getValue().report());
        }
        return reports;
    }

    /** Requests of any kind that were answered with what they asked for, listeners apart. */
    long answers() {
        return reports.values().stream()
                .mapToLong(report -> Math.round(report.path("requests").asLong()
                        * report.path("success").asDouble()))
                .sum();
    }

    /** CPU of a part, without its compilers. */
    double cpuSeconds(Part part) {
        Cost.Share share = share(part);
        return share.cpuSeconds() - share.compilerSeconds();
    }

    Cost.Share share(Part part) {
        return Objects.requireNonNull(cost.shares().get(part.label()));
    }

    void describeAnswers(ObjectNode into) {
        reports.forEach((kind, report) -> describe(report, into.putObject(kind)));
    }

    private static void describe(JsonNode report, ObjectNode into) {
        into.put("requests", report.path("requests").asLong());
        into.put("answersPerSecond", Rounded.to(1, report.path("throughput").asDouble()));
        JsonNode latencies = report.path("latencies");
        into.put("p50Ms", millis(latencies, "50th"));
        into.put("p95Ms", millis(latencies, "95th"));
        into.put("p99Ms", millis(latencies, "99th"));
        into.put("maxMs", millis(latencies, "max"));
        into.put("statuses", report.path("status_codes").toString());
        into.put("errors", report.path("errors").toString());
    }

    private static double millis(JsonNode latencies, String which) {
        return Rounded.to(2, latencies.path(which).asDouble() / NANOS_A_MILLI);
    }
}
