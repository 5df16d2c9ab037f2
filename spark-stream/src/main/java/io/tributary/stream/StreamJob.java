package io.tributary.stream;

import com.datastax.oss.driver.api.core.CqlSession;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.schemas.BadConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bounded jobs beside the stream, with the stream's settings: {@code rebuild TOPIC} and {@code rollup FROM TO} (days, UTC,
 * the second left out). The last line on standard output is what was done, as JSON. Exit 0, or as {@link StreamMain}.
 */
public final class StreamJob {
    private static final Logger LOG = LoggerFactory.getLogger(StreamJob.class);
    private static final String USAGE = "expected: rebuild TOPIC, or rollup FROM TO such as 2026-01-01 2026-01-02";

    private StreamJob() {}

    public static void main(String[] arguments) {
        int exit;
        try {
            System.out.println(run(StreamSettings.read(System.getenv()), List.of(arguments)));
            exit = 0;
        } catch (BadConfig | IllegalArgumentException e) {
            System.err.println("stream-job: " + e.getMessage());
            exit = StreamMain.EXIT_BAD_CONFIG;
        } catch (Throwable e) { // other threads would keep a process without a purpose
            LOG.error("job=failed", e);
            System.err.println("stream-job: " + e.getMessage());
            exit = StreamMain.EXIT_FAILED;
        }
        System.exit(exit);
    }

    private static String run(StreamSettings settings, List<String> arguments) throws IOException {
        boolean rebuild = arguments.size() == 2 && arguments.get(0).equals("rebuild");
        boolean rollup = arguments.size() == 3 && arguments.get(0).equals("rollup");
        if (!rebuild && !rollup) {
            throw new IllegalArgumentException(arguments + ", " + USAGE);
        }
        LocalDate from = rollup ? day(arguments.get(1)) : LocalDate.EPOCH;
        LocalDate to = rollup ? day(arguments.get(2)) : LocalDate.EPOCH;
        Path scratch = Files.createTempDirectory("tributary-job");
        SparkSession spark = StreamSession.begin(settings, settings.master().startsWith("local") ? scratch : null);
        try {
            CqlSession cassandra = StreamQueries.session(settings);
            return rebuild
                    ? json(new Rebuild(spark, settings, cassandra).run(arguments.get(1)))
                    : json(new Rollup(spark, settings, cassandra).run(from, to));
        } finally {
            spark.stop();
            StreamSession.delete(scratch);
        }
    }

    private static LocalDate day(String text) {
        try {
            return LocalDate.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(text + " is no day, " + USAGE, e);
        }
    }

    private static String json(Rebuild.Outcome done) {
        return object().put("generation", done.generation())
                .put("pages", done.pages())
                .put("users", done.users())
                .put("left", done.left())
                .put("removed", done.removed())
                .toString();
    }

    private static String json(Rollup.Outcome done) {
        return object().put("windows", done.windows())
                .put("hours", done.hours())
                .put("days", done.days())
                .toString();
    }

    private static ObjectNode object() {
        return new ObjectMapper().createObjectNode();
    }
}
