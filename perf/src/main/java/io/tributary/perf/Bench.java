package io.tributary.perf;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import io.tributary.embedded.Addresses;
import io.tributary.embedded.EmbeddedStack;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackListener;
import io.tributary.embedded.StackOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A stack in a folder of its own, asked through its own doors; gone when closed. */
final class Bench implements AutoCloseable {
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final Duration LONGEST = Duration.ofMinutes(30);

    private final StackOptions options;
    private final EmbeddedStack stack;
    private final FlameGraphs flames;

    /** Further instances of ingest over the same servers. */
    private final List<EmbeddedStack> more = new ArrayList<>();

    private Bench(StackOptions options, EmbeddedStack stack, FlameGraphs flames) {
        this.options = options;
        this.stack = stack;
        this.flames = flames;
    }

    /** The whole pipeline for now, in a folder that is gone with it, with a source that hands out whatever is asked for. */
    static StackOptions plain(Path home) throws IOException {
        Path target = Files.createDirectories(home.resolve("perf/target"));
        return StackOptions.of(home)
                .withDataDir(Files.createTempDirectory(target, "stack"))
                .withSourceQuota(0);
    }

    /** Starts it; the folder of {@code options} is deleted in the end. */
    static Bench start(StackOptions options, FlameGraphs flames) {
        return new Bench(options, EmbeddedStack.start(options, StackListener.SILENT), flames);
    }

    Path home() {
        return options.home();
    }

    /** For what is measured beside the stack; gone with it. */
    Path folder() {
        return options.dataDir();
    }

    Addresses addresses() {
        return stack.addresses();
    }

    Control control() {
        return new Control(addresses().ingestUrl().orElseThrow());
    }

    Topics topics() {
        return new Topics(addresses().kafkaBootstrap().orElseThrow());
    }

    Database database() {
        return new Database(addresses().postgres().orElseThrow());
    }

    CqlSession cassandra() {
        String[] contact = addresses().cassandraContact().orElseThrow().split(":", -1);
        return CqlSession.builder()
                .addContactPoint(new InetSocketAddress(contact[0], Integer.parseInt(contact[1])))
                .withLocalDatacenter(addresses().datacenter())
                .withConfigLoader(DriverConfigLoader.programmaticBuilder()
                        .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, ANSWER)
                        .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, ANSWER)
                        .withDuration(DefaultDriverOption.CONTROL_CONNECTION_TIMEOUT, ANSWER)
                        .withInt(DefaultDriverOption.CONNECTION_MAX_REQUESTS, 8192)
                        .build())
                .build();
    }

    /** Instances of ingest. */
    int instances() {
        return 1 + more.size();
    }

    /** Starts one more instance of ingest, which shares the runs of the others. */
    void addIngest() {
        Addresses servers = addresses();
        Addresses.Postgres postgres = servers.postgres().orElseThrow();
        int number = instances() + 1;
        StackOptions beside = options.withDataDir(folder().resolve("ingest-" + number))
                .withParts(Set.of(Part.INGEST))
                .withSourceUrl(servers.sourceUrl().orElseThrow());
        Map<String, String> environment = Map.of(
                "INGEST_INSTANCE", "ingest-" + number,
                "INGEST_POSTGRES_PORT", Integer.toString(postgres.port()),
                "INGEST_POSTGRES_PASSWORD_FILE", postgres.passwordFile().toString(),
                "INGEST_KAFKA_BOOTSTRAP", servers.kafkaBootstrap().orElseThrow(),
                "INGEST_REGISTRY_URL", servers.registryUrl().orElseThrow().toString());
        for (Map.Entry<String, String> one : environment.entrySet()) {
            beside = beside.withEnv(Part.INGEST, one.getKey(), one.getValue());
        }
        more.add(EmbeddedStack.start(beside, StackListener.SILENT));
    }

    /** Ends parts, so that what comes next has the machine for itself. */
    void stop(Part... parts) {
        for (Part part : parts) {
            stack.stop(part);
        }
    }

    /** Does a piece of work and says what it took of every part that runs. */
    Cost measure(long users, Meter.Work work) throws Exception {
        Set<Part> running = EnumSet.noneOf(Part.class);
        Map<String, ProcessTree> parts = new LinkedHashMap<>();
        for (Part part : options.parts()) {
            if (isRunning(part)) {
                running.add(part);
                parts.put(part.label(), ProcessTree.of(stack.pid(part)));
            }
        }
        for (int i = 0; i < more.size(); i++) {
            parts.put("ingest-" + (i + 2), ProcessTree.of(more.get(i).pid(Part.INGEST)));
        }
        FlameGraphs.Watch watch = flames.begin(stack::pid, running);
        try {
            return Meter.measure(parts, users, work);
        } finally {
            watch.end();
        }
    }

    private boolean isRunning(Part part) {
        try {
            return stack.pid(part) > 0;
        } catch (IllegalStateException e) { // stopped
            return false;
        }
    }

    /** Returns when both sinks have all users of the run. */
    static void untilComplete(Control control, UUID run) throws Exception {
        until(LOOK, () -> control.isComplete(run));
    }

    /** Looks every {@code pause} until it is so; throws after 30 minutes. */
    static void until(Duration pause, Check check) throws Exception {
        long deadline = System.nanoTime() + LONGEST.toNanos();
        while (!check.isSo()) {
            if (System.nanoTime() > deadline) {
                throw new IOException("not so within " + LONGEST);
            }
            TimeUnit.MILLISECONDS.sleep(pause.toMillis());
        }
    }

    /** A question that may fail. */
    interface Check {
        boolean isSo() throws Exception;
    }

    @Override
    public void close() throws IOException {
        more.forEach(EmbeddedStack::close);
        stack.close();
        try (Stream<Path> files = Files.walk(options.dataDir())) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
