package io.tributary.acceptance;

import io.tributary.acceptance.ChaosSchedule.Victim;
import io.tributary.embedded.Addresses;
import io.tributary.embedded.EmbeddedStack;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackListener;
import io.tributary.embedded.StackOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** PostgreSQL, Kafka, registry and source once, and three ingest services that share the runs. */
final class ThreeIngests implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** The first has the servers too. */
    private final List<EmbeddedStack> stacks = new ArrayList<>();

    /**
     * Starts them.
     *
     * @param lease how long a page is held without a renewal
     */
    ThreeIngests(Path dir, Duration lease) {
        try {
            EmbeddedStack servers = EmbeddedStack.start(
                    ingest(dir.resolve("1"), 1, lease).withParts(WholeStack.INGEST_AND_ITS_SERVERS),
                    StackListener.SILENT);
            stacks.add(servers);
            for (int number = 2; number <= 3; number++) {
                StackOptions more = ingest(dir.resolve(Integer.toString(number)), number, lease);
                stacks.add(EmbeddedStack.start(beside(servers.addresses(), more), StackListener.SILENT));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static StackOptions ingest(Path dir, int number, Duration lease) {
        return WholeStack.options(dir)
                .withEnv(Part.INGEST, "INGEST_INSTANCE", "ingest-" + number)
                .withEnv(Part.INGEST, "INGEST_LEASE", lease.toSeconds() + "s");
    }

    private static StackOptions beside(Addresses servers, StackOptions ingest) {
        StackOptions beside = ingest.withParts(Set.of(Part.INGEST))
                .withSourceUrl(servers.sourceUrl().orElseThrow());
        for (Map.Entry<String, String> one : environmentBeside(servers).entrySet()) {
            beside = beside.withEnv(Part.INGEST, one.getKey(), one.getValue());
        }
        return beside;
    }

    /** Where another ingest service finds these servers. */
    static Map<String, String> environmentBeside(Addresses servers) {
        Addresses.Postgres postgres = servers.postgres().orElseThrow();
        return Map.of(
                "INGEST_POSTGRES_PORT", Integer.toString(postgres.port()),
                "INGEST_POSTGRES_PASSWORD_FILE", postgres.passwordFile().toString(),
                "INGEST_KAFKA_BOOTSTRAP", servers.kafkaBootstrap().orElseThrow(),
                "INGEST_REGISTRY_URL", servers.registryUrl().orElseThrow().toString());
    }

    /** Has the source answer so slowly that there is always a page on its way. */
    void slowSource(int bytesPerSecond) throws IOException, InterruptedException {
        new StandIn(addresses().sourceUrl().orElseThrow()).slow(bytesPerSecond);
    }

    Addresses addresses() {
        return stacks.get(0).addresses();
    }

    /** The log of each instance: what it acknowledged, outside of every store. */
    List<Path> logs() {
        return stacks.stream().map(stack -> stack.log(Part.INGEST)).toList();
    }

    /** SIGKILL, once the victim is up (again). */
    void kill(Victim victim) throws InterruptedException {
        EmbeddedStack stack = stackOf(victim);
        stack.awaitReady(partOf(victim));
        stack.kill(partOf(victim));
    }

    /** The processes of the victim: its own first, then those it started. */
    List<ProcessHandle> processes(Victim victim) throws InterruptedException {
        EmbeddedStack stack = stackOf(victim);
        stack.awaitReady(partOf(victim));
        return Signals.family(stack.pid(partOf(victim)));
    }

    void awaitReady() throws InterruptedException {
        for (Victim victim : Victim.values()) {
            stackOf(victim).awaitReady(partOf(victim));
        }
    }

    private EmbeddedStack stackOf(Victim victim) {
        return switch (victim) {
            case INGEST_2 -> stacks.get(1);
            case INGEST_3 -> stacks.get(2);
            case INGEST_1, KAFKA, POSTGRES -> stacks.get(0);
        };
    }

    private static Part partOf(Victim victim) {
        return switch (victim) {
            case INGEST_1, INGEST_2, INGEST_3 -> Part.INGEST;
            case KAFKA -> Part.KAFKA;
            case POSTGRES -> Part.POSTGRES;
        };
    }

    /** One attempt to create a run at one of the instances: its id, or an error after which the same key is sent again. */
    UUID create(int instance, String key, int users, int pageSize) throws IOException, InterruptedException {
        return api(instance % stacks.size()).create(key, users, pageSize);
    }

    /** The state of a run, asked of any instance that answers. */
    String state(UUID run) throws IOException, InterruptedException {
        IOException last = new IOException("nobody asked");
        for (int instance = 0; instance < stacks.size(); instance++) {
            try {
                return api(instance).run(run).get("state").asText();
            } catch (IOException e) {
                last = e;
            }
        }
        throw last;
    }

    private IngestApi api(int instance) {
        return new IngestApi(stacks.get(instance).addresses().ingestUrl().orElseThrow(), PATIENCE);
    }

    @Override
    public void close() {
        for (int last = stacks.size() - 1; last >= 0; last--) {
            stacks.get(last).close();
        }
    }
}
