package io.tributary.perf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackOptions;
import io.tributary.perf.AttendedRun.Load;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Scenario 11; {@code perf/11-api.md} says what it asks. */
final class ApiLoad implements Scenario {
    private static final int LISTENERS = 500;

    /** Long enough for all listeners to be there before the first page. */
    private static final int PAGE_SECONDS = 2;

    private static final int WARM_UP_SECONDS = 20;

    /** As many as a list shows. */
    private static final int RUNS_BEFORE = 50;

    private static final Duration LOOK = Duration.ofMillis(200);
    private static final List<Part> ASKED = List.of(Part.INGEST, Part.POSTGRES, Part.CASSANDRA);
    private static final double MEBIBYTE = 1024 * 1024;

    @Override
    public String name() {
        return "11-api";
    }

    /** One page at a time, or four would be sent side by side. */
    @Override
    public StackOptions stack(StackOptions plain, Wishes wishes) {
        return plain.withEnv(Part.INGEST, "INGEST_PAGES_IN_FLIGHT", "1");
    }

    @Override
    public void measure(Bench bench, Wishes wishes, ObjectNode figures) throws Exception {
        Vegeta vegeta = Vegeta.built(bench);
        history(bench.control());
        int pageSize = wishes.rate * PAGE_SECONDS;
        SlowSource.take(bench.addresses().sourceUrl().orElseThrow(), pageSize, PAGE_SECONDS);
        Load alone = load(wishes.seconds, pageSize);
        Load asked = alone.withRequests(wishes.requests);
        AttendedRun.measured(
                bench,
                vegeta,
                load(WARM_UP_SECONDS, pageSize).withRequests(wishes.requests).withListeners(LISTENERS));

        AttendedRun quiet = AttendedRun.measured(bench, vegeta, alone);
        AttendedRun answering = AttendedRun.measured(bench, vegeta, asked);
        AttendedRun telling = AttendedRun.measured(bench, vegeta, asked.withListeners(LISTENERS));
        EventStreams streams = EventStreams.of(telling.listeners().orElseThrow());

        describe(quiet, answering, telling, figures);
        answering.describeAnswers(figures.putObject("answersWithoutListeners"));
        telling.describeAnswers(figures.putObject("answersWithListeners"));
        streams.describe(figures.putObject("listeners"));
        describeMore(answering, quiet, answering.answers(), figures.putObject("cpuMicrosPerRequest"));
        describeMore(telling, answering, streams.received(), figures.putObject("cpuMicrosPerEvent"));
    }

    private static Load load(int seconds, int pageSize) {
        return new Load(Math.max(1, seconds / PAGE_SECONDS), pageSize, seconds, 0, 0);
    }

    /** Runs that a list can show; they warm up what comes next. */
    private static void history(Control control) throws Exception {
        List<UUID> runs = new ArrayList<>();
        for (int run = 0; run < RUNS_BEFORE; run++) {
            runs.add(control.start(SourcePages.PAGE_SIZE, SourcePages.PAGE_SIZE, Optional.empty()));
        }
        for (UUID run : runs) {
            Bench.until(LOOK, () -> control.isSettled(run));
        }
    }

    private static void describe(
            AttendedRun alone, AttendedRun withRequests, AttendedRun withListeners, ObjectNode figures) {
        Map<String, AttendedRun> runs = new LinkedHashMap<>();
        runs.put("alone", alone);
        runs.put("withRequests", withRequests);
        runs.put("withListeners", withListeners);
        runs.forEach((name, run) -> run.cost().describe(figures.putObject(name)));
        ObjectNode peaks = figures.putObject("ingestPeakMiB");
        runs.forEach((name, run) ->
                peaks.put(name, Rounded.to(0, run.share(Part.INGEST).peakBytes() / MEBIBYTE)));
    }

    /** CPU that the asked took more in one run than in another, for each of so many. */
    private static void describeMore(AttendedRun one, AttendedRun other, long many, ObjectNode into) {
        for (Part part : ASKED) {
            double seconds = one.cpuSeconds(part) - other.cpuSeconds(part);
            into.put(part.label(), Rounded.to(0, seconds * 1e6 / Math.max(1, many)));
        }
    }
}
