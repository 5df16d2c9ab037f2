package io.tributary.perf;

import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackOptions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Option;

/** What can be asked of a measurement, the same words for all. */
final class Wishes {
    @Option(names = "--users", paramLabel = "N", description = "Users of the measured run (default: 300000).")
    int users = 300_000;

    @Option(names = "--page-size", paramLabel = "N", description = "Users of a page in 04 (default: 1000).")
    int pageSize = SourcePages.PAGE_SIZE;

    @Option(
            names = "--floor",
            description = "Measure what bare tools take for the same, where the scenario knows some.")
    boolean floor;

    @Option(names = "--peer", description = "Measure others at the same work; takes go and python3.")
    boolean peer;

    @Option(
            names = "--flames",
            paramLabel = "PART",
            description = "Keep a flame graph of a Java part, such as ingest, beside the JSON.")
    Set<Part> flames = new LinkedHashSet<>();

    @Option(names = "--rate", paramLabel = "N", description = "Users a second, where the rate is fixed (default: 500).")
    int rate = 500;

    @Option(names = "--seconds", paramLabel = "N", description = "Measured at a fixed rate (default: 60).")
    int seconds = 60;

    @Option(
            names = "--requests",
            paramLabel = "N",
            description = "Requests a second of each kind to the API, where it is asked (default: 20).")
    int requests = 20;

    @Option(
            names = "--env",
            paramLabel = "PART.KEY=VALUE",
            description = "Added to the environment of a part, such as stream.STREAM_TRIGGER=1s.")
    List<String> env = new ArrayList<>();

    @Option(
            names = "--jvm",
            paramLabel = "PART=OPTION",
            description = "Added to the Java options of a part, such as stream=-XX:TieredStopAtLevel=4.")
    List<String> jvm = new ArrayList<>();

    @Option(
            names = "--setting",
            paramLabel = "PART.KEY=VALUE",
            description = "Of Kafka or Cassandra, such as cassandra.commitlog_sync=group.")
    List<String> settings = new ArrayList<>();

    StackOptions applied(StackOptions options) {
        StackOptions all = options;
        for (String one : env) {
            all = all.withEnv(part(one, "."), key(one), after(one, "="));
        }
        for (String one : jvm) {
            all = all.withJvm(part(one, "="), after(one, "="));
        }
        for (String one : settings) {
            all = all.withSetting(part(one, "."), key(one), after(one, "="));
        }
        return all;
    }

    private static Part part(String wish, String end) {
        return Part.valueOf(before(wish, end).toUpperCase(Locale.ROOT));
    }

    private static String key(String wish) {
        return before(after(wish, "."), "=");
    }

    private static String before(String wish, String separator) {
        return wish.substring(0, at(wish, separator));
    }

    private static String after(String wish, String separator) {
        return wish.substring(at(wish, separator) + 1);
    }

    private static int at(String wish, String separator) {
        int at = wish.indexOf(separator);
        if (at < 1) {
            throw new IllegalArgumentException(wish + ", expected a part, then '" + separator + "'");
        }
        return at;
    }
}
