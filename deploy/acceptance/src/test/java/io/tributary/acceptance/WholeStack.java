package io.tributary.acceptance;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.embedded.Addresses;
import io.tributary.embedded.EmbeddedStack;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackListener;
import io.tributary.embedded.StackOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;

/** The stack in a folder of its own, and what a user asks of its control API. */
final class WholeStack implements AutoCloseable {
    static final Path HOME = Path.of("../..").toAbsolutePath().normalize();

    /** Ingest and what it writes to: no stream, and no Cassandra, which ingest only reads from. */
    static final Set<Part> INGEST_AND_ITS_SERVERS =
            Set.of(Part.POSTGRES, Part.KAFKA, Part.REGISTRY, Part.SOURCE, Part.INGEST);

    private static final Duration PATIENCE = Duration.ofMinutes(6);
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private final EmbeddedStack stack;
    private final Path dir;

    WholeStack(StackOptions options) {
        dir = options.dataDir();
        stack = EmbeddedStack.start(options, StackListener.SILENT);
    }

    static StackOptions options(Path dir) {
        return StackOptions.of(HOME).withDataDir(dir).withSourceQuota(0);
    }

    /** Where it keeps its data, as {@code --data} of the command line. */
    Path dir() {
        return dir;
    }

    EmbeddedStack servers() {
        return stack;
    }

    Addresses addresses() {
        return stack.addresses();
    }

    Stores stores() {
        return new Stores(stack.addresses());
    }

    private IngestApi api() {
        return new IngestApi(stack.addresses().ingestUrl().orElseThrow(), ANSWER);
    }

    private StandIn source() {
        return new StandIn(stack.addresses().sourceUrl().orElseThrow());
    }

    /** Starts a run and gives its id. */
    UUID startRun(int users, int pageSize) throws IOException, InterruptedException {
        return api().create(UUID.randomUUID().toString(), users, pageSize);
    }

    JsonNode run(UUID run) throws IOException, InterruptedException {
        return api().run(run);
    }

    JsonNode reconciliation(UUID run, boolean deep) throws IOException, InterruptedException {
        return api().reconciliation(run, deep);
    }

    /** Waits until the run is complete and the stream has counted all of it. */
    void awaitSettled(UUID run, int users) {
        await("run " + run + " complete and counted")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(250))
                .ignoreExceptions() // a server may be away
                .until(() -> {
                    JsonNode now = run(run);
                    return now.get("state").asText().equals("COMPLETE")
                            && now.at("/progress/counted").asLong(-1) == users;
                });
    }

    /** Waits until the stream has written every user too, which it does beside the counting. */
    void awaitWritten() {
        await("the stream has passed the whole topic")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .until(stores()::lagOfStream, lag -> lag == 0);
    }

    /** What Prometheus would read from the ingest service. */
    String metrics() throws IOException, InterruptedException {
        return api().metrics();
    }

    JsonNode sourceStats() throws IOException, InterruptedException {
        return source().stats();
    }

    /** What the source does wrong from now on, see the stand-in's control endpoint. */
    void sourceFaults(String json) throws IOException, InterruptedException {
        source().faults(json);
    }

    /** What the service says of its dependencies, ready or not. */
    JsonNode ready() throws IOException, InterruptedException {
        return api().ready();
    }

    /** To a part and the processes it started; kept apart from {@link EmbeddedStack}, which would see a death. */
    void signal(String signal, Part part) throws IOException, InterruptedException {
        Signals.send(signal, Signals.family(stack.pid(part)));
    }

    @Override
    public void close() {
        stack.close();
    }
}
