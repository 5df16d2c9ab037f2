package io.tributary.embedded;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stack of one launcher: started side by side, supervised, ended together. However this JVM ends, its parts end too, at most
 * 16 s later ({@link Leash}); {@link #close()} ends them in order and returns when all are gone.
 *
 * <pre>{@code
 * EmbeddedStack stack = EmbeddedStack.of(StackOptions.of(home), listener);
 * Runtime.getRuntime().addShutdownHook(new Thread(stack::close)); // Ctrl-C, also during the start
 * stack.up();
 * }</pre>
 *
 * Thread-safe.
 */
public final class EmbeddedStack implements AutoCloseable {
    /** What a stack is made of. */
    public enum Part {
        POSTGRES,
        KAFKA,
        REGISTRY,
        CASSANDRA,
        ZOOKEEPER,
        /** Spark's masters; one leads. */
        MASTER,
        STANDBY,
        /** Spark's workers, a core each. */
        WORKER_1,
        WORKER_2,
        WORKER_3,
        WORKER_4,
        /** The stand-in for randomuser.me. */
        SOURCE,
        INGEST,
        STREAM,
        /** Airflow's API server, with its pages. */
        AIRFLOW,
        /** Airflow's scheduler and, as its children, the workers. */
        SCHEDULER,
        /** Reads the DAGs. */
        DAGS,
        TRIGGERER,
        /** Airflow's metrics for Prometheus. */
        STATSD;

        /** In messages, and the name of its log and folder. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedStack.class);

    /** Ended together: first who writes, then what is written to. */
    private static final List<Set<Part>> END = List.of(
            AirflowServers.PARTS,
            Set.of(Part.STREAM, Part.INGEST),
            Set.of(Part.WORKER_1, Part.WORKER_2, Part.WORKER_3, Part.WORKER_4),
            Set.of(Part.MASTER, Part.STANDBY),
            Set.of(Part.SOURCE, Part.REGISTRY, Part.KAFKA, Part.CASSANDRA, Part.ZOOKEEPER, Part.POSTGRES));

    private final StackOptions options;
    private final StackListener listener;
    private final CompletableFuture<StackFailed> broken = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    /** All below is guarded by this object's monitor, which is never held while something is waited for. */
    private final Map<Part, Supervisor> supervisors = new EnumMap<>(Part.class);

    private final Map<Part, Duration> readyAfter = new EnumMap<>(Part.class);
    private @Nullable DataDir dataDir;
    private @Nullable Addresses addresses;
    private boolean preparing;
    private boolean closing;
    private boolean up;

    private EmbeddedStack(StackOptions options, StackListener listener) {
        this.options = options;
        this.listener = listener;
    }

    /** A stack that is not started yet; {@link #close()} may be called at any moment from here on. */
    public static EmbeddedStack of(StackOptions options, StackListener listener) {
        return new EmbeddedStack(options, listener);
    }

    /** {@link #of} and {@link #up()} in one. */
    public static EmbeddedStack start(StackOptions options, StackListener listener) {
        return of(options, listener).up();
    }

    /**
     * Starts all parts side by side and returns when every one is ready, each within 120 s.
     *
     * @throws StackFailed where one is not, where the folder is in use, or where {@link #close()} came in between; everything has
     *     ended then
     */
    public EmbeddedStack up() {
        boolean done = false;
        try {
            awaitAll(begin());
            done = true;
            return this;
        } catch (IOException e) {
            throw StackFailed.before("can not start in " + options.dataDir() + ": " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw StackFailed.before("interrupted while starting", e);
        } finally {
            if (!done) {
                close();
            }
        }
    }

    private List<CompletableFuture<Duration>> begin() throws IOException, InterruptedException {
        synchronized (this) {
            if (closing || preparing || dataDir != null) {
                throw closing ? closed() : new IllegalStateException("started before");
            }
            preparing = true;
        }
        try {
            DataDir taken = DataDir.take(options.dataDir());
            synchronized (this) {
                dataDir = taken;
            }
            StackFile.delete(taken.root());
            taken.awaitLeftovers(this::isClosing);
            Ports ports =
                    Ports.choose(taken.ports(), options.ports(), options.parts(), taken, RandomGenerator.getDefault());
            List<Server> servers = servers(taken, ports);
            synchronized (this) {
                if (closing) {
                    throw closed();
                }
                addresses = addresses(taken, ports);
                for (Server server : servers) {
                    supervisors.put(server.part(), new Supervisor(server, taken, new Relay(), server.patience()));
                }
                supervisors.values().forEach(Supervisor::start);
                return supervisors.values().stream().map(Supervisor::ready).toList();
            }
        } finally {
            synchronized (this) {
                preparing = false;
                notifyAll();
            }
        }
    }

    /** Returns when all are ready, throws as soon as one is given up. */
    private void awaitAll(List<CompletableFuture<Duration>> starts) throws IOException, InterruptedException {
        CompletableFuture<Void> all = CompletableFuture.allOf(starts.toArray(CompletableFuture[]::new));
        try {
            if (CompletableFuture.anyOf(broken, all).get() instanceof StackFailed failed) {
                throw failed;
            }
        } catch (ExecutionException e) {
            throw isClosing() ? closed() : StackFailed.before("can not start: " + e.getCause(), e);
        }
        synchronized (this) {
            if (closing) {
                throw closed();
            }
            up = true;
        }
        writeStackFile();
    }

    private List<Server> servers(DataDir dir, Ports ports) throws IOException {
        ClassPaths classPaths = new ClassPaths(options.home());
        AirflowServers airflow = airflow(dir, ports);
        List<Server> servers = new ArrayList<>();
        for (Part part : options.parts()) {
            List<String> jvm = options.jvm().getOrDefault(part, List.of());
            Map<String, String> settings = options.settings().getOrDefault(part, Map.of());
            servers.add(
                    switch (part) {
                        case POSTGRES -> postgresServer(dir, ports);
                        case KAFKA -> new KafkaServer(dir, classPaths, ports, jvm, settings, options.keys());
                        case REGISTRY -> registry(dir, ports);
                        case CASSANDRA -> new CassandraServer(dir, classPaths, ports, jvm, settings, options.keys());
                        case MASTER, STANDBY -> cluster(dir, ports).master(part, jvm);
                        case WORKER_1, WORKER_2, WORKER_3, WORKER_4 ->
                            cluster(dir, ports).worker(part, jvm);
                        case ZOOKEEPER -> new ZooKeeperServer(dir, classPaths, ports.of(Ports.Slot.ZOOKEEPER), jvm);
                        case SOURCE ->
                            service(
                                    part,
                                    dir,
                                    "deploy/embedded",
                                    List.of("io.tributary.randomuser.RandomUserMain"),
                                    url(ports, Ports.Slot.SOURCE, "/health/live"),
                                    sourceEnvironment(ports));
                        case INGEST ->
                            service(
                                    part,
                                    dir,
                                    "reactive-ingest",
                                    List.of("io.tributary.ingest.IngestMain"),
                                    url(ports, Ports.Slot.INGEST, "/health/ready"),
                                    ingestEnvironment(dir, ports));
                        case STREAM -> stream(dir, ports);
                        case AIRFLOW, SCHEDULER, DAGS, TRIGGERER, STATSD -> airflow.server(part);
                    });
        }
        return servers;
    }

    private AirflowServers airflow(DataDir dir, Ports ports) {
        return new AirflowServers(
                dir,
                options.home(),
                ports,
                url(ports, Ports.Slot.INGEST, ""),
                options.settings().getOrDefault(Part.AIRFLOW, Map.of()));
    }

    private PostgresServer postgresServer(DataDir dir, Ports ports) {
        List<String> others = options.parts().contains(Part.AIRFLOW) ? List.of(AirflowConfig.DATABASE) : List.of();
        return new PostgresServer(dir, new ClassPaths(options.home()), ports.of(Ports.Slot.POSTGRES), others);
    }

    private SparkCluster cluster(DataDir dir, Ports ports) {
        return new SparkCluster(dir, new ClassPaths(options.home()), ports);
    }

    /** By itself, or through spark-submit where there is a cluster. */
    private Server stream(DataDir dir, Ports ports) throws IOException {
        String main = "io.tributary.stream.StreamMain";
        URI health = url(ports, Ports.Slot.STREAM, "/health/ready");
        Map<String, String> environment = streamEnvironment(dir, ports);
        if (!options.parts().contains(Part.MASTER)) {
            return service(Part.STREAM, dir, "spark-stream", List.of(main), health, environment);
        }
        SparkCluster cluster = cluster(dir, ports);
        environment.putAll(cluster.environment());
        environment.put("STREAM_MASTER", cluster.url());
        int workers = (int)
                SparkCluster.WORKERS.stream().filter(options.parts()::contains).count();
        return service(Part.STREAM, dir, "spark-stream", cluster.submit(main, workers), health, environment);
    }

    private JavaService service(
            Part part, DataDir dir, String module, List<String> main, URI health, Map<String, String> environment) {
        Map<String, String> all = new HashMap<>(environment);
        all.putAll(options.env().getOrDefault(part, Map.of()));
        return new JavaService(
                part,
                dir,
                new ClassPaths(options.home()),
                module,
                main,
                health,
                all,
                options.jvm().getOrDefault(part, List.of()));
    }

    private RegistryServer registry(DataDir dir, Ports ports) {
        return new RegistryServer(
                dir,
                new ClassPaths(options.home()),
                ports.of(Ports.Slot.REGISTRY),
                options.jvm().getOrDefault(Part.REGISTRY, List.of()));
    }

    private Map<String, String> sourceEnvironment(Ports ports) {
        return Map.of(
                "RANDOMUSER_HOST", "127.0.0.1",
                "RANDOMUSER_PORT", String.valueOf(ports.of(Ports.Slot.SOURCE)),
                "RANDOMUSER_QUOTA", String.valueOf(options.sourceQuota()));
    }

    /** Also names what is not started: better an address where nobody answers than a default where somebody else might. */
    private Map<String, String> ingestEnvironment(DataDir dir, Ports ports) {
        Map<String, String> environment = new HashMap<>();
        environment.put("INGEST_HTTP_HOST", "127.0.0.1");
        environment.put("INGEST_HTTP_PORT", String.valueOf(ports.of(Ports.Slot.INGEST)));
        environment.put("INGEST_SOURCE_URL", sourceUrl(ports).toString());
        Addresses.Postgres postgres = postgres(dir, ports);
        environment.put("INGEST_POSTGRES_HOST", postgres.host());
        environment.put("INGEST_POSTGRES_PORT", String.valueOf(postgres.port()));
        environment.put("INGEST_POSTGRES_DATABASE", postgres.database());
        environment.put("INGEST_POSTGRES_USER", postgres.user());
        environment.put("INGEST_POSTGRES_PASSWORD_FILE", postgres.passwordFile().toString());
        environment.put("INGEST_KAFKA_BOOTSTRAP", ports.hostPort(Ports.Slot.KAFKA));
        environment.put("INGEST_REGISTRY_URL", registry(dir, ports).url().toString());
        environment.put("INGEST_CASSANDRA_CONTACT", ports.hostPort(Ports.Slot.CASSANDRA));
        environment.put("INGEST_CASSANDRA_DATACENTER", CassandraServer.DATACENTER);
        return environment;
    }

    private Map<String, String> streamEnvironment(DataDir dir, Ports ports) {
        Map<String, String> environment = new HashMap<>();
        environment.put("SPARK_LOCAL_IP", "127.0.0.1");
        environment.put("STREAM_HTTP_HOST", "127.0.0.1");
        environment.put("STREAM_HTTP_PORT", String.valueOf(ports.of(Ports.Slot.STREAM)));
        environment.put("STREAM_KAFKA_BOOTSTRAP", ports.hostPort(Ports.Slot.KAFKA));
        environment.put("STREAM_REGISTRY_URL", registry(dir, ports).url().toString());
        environment.put("STREAM_CASSANDRA_CONTACT", ports.hostPort(Ports.Slot.CASSANDRA));
        environment.put("STREAM_CASSANDRA_DATACENTER", CassandraServer.DATACENTER);
        environment.put(
                "STREAM_CHECKPOINT_DIR",
                dir.of(Part.STREAM).resolve("checkpoint").toString());
        return environment;
    }

    private Addresses addresses(DataDir dir, Ports ports) {
        return new Addresses(
                asked(Part.POSTGRES, postgres(dir, ports)),
                asked(Part.KAFKA, ports.hostPort(Ports.Slot.KAFKA)),
                asked(Part.REGISTRY, registry(dir, ports).url()),
                asked(Part.CASSANDRA, ports.hostPort(Ports.Slot.CASSANDRA)),
                CassandraServer.DATACENTER,
                options.sourceUrl().or(() -> asked(Part.SOURCE, sourceUrl(ports))),
                asked(Part.INGEST, url(ports, Ports.Slot.INGEST, "")),
                asked(Part.STREAM, url(ports, Ports.Slot.STREAM, "")),
                asked(Part.ZOOKEEPER, ports.hostPort(Ports.Slot.ZOOKEEPER)),
                asked(Part.AIRFLOW, url(ports, Ports.Slot.AIRFLOW, "")),
                asked(Part.STATSD, url(ports, Ports.Slot.STATSD, "/metrics")));
    }

    private <T> Optional<T> asked(Part part, T address) {
        return options.parts().contains(part) ? Optional.of(address) : Optional.empty();
    }

    private Addresses.Postgres postgres(DataDir dir, Ports ports) {
        PostgresServer server = postgresServer(dir, ports);
        return new Addresses.Postgres(
                "127.0.0.1", server.port(), PostgresServer.NAME, PostgresServer.NAME, server.passwordFile());
    }

    private URI sourceUrl(Ports ports) {
        return options.sourceUrl().orElseGet(() -> url(ports, Ports.Slot.SOURCE, "/api/"));
    }

    private static URI url(Ports ports, Ports.Slot slot, String path) {
        return URI.create("http://" + ports.hostPort(slot) + path);
    }

    /**
     * Where the parts answer.
     *
     * @throws IllegalStateException before {@link #up()} has come so far as to choose them
     */
    public synchronized Addresses addresses() {
        Addresses chosen = addresses;
        if (chosen == null) {
            throw new IllegalStateException("not started");
        }
        return chosen;
    }

    /** Completed once a part is given up; the stack is then to be closed. */
    public CompletableFuture<StackFailed> broken() {
        return broken.copy();
    }

    /** The file with everything the part printed. */
    public Path log(Part part) {
        return supervisor(part).log();
    }

    /** The time the part took from being asked for to being ready, the first time. */
    public synchronized Duration readyAfter(Part part) {
        Duration took = readyAfter.get(part);
        if (took == null) {
            throw new IllegalStateException(part.label() + " was not ready yet");
        }
        return took;
    }

    /**
     * The process of the part itself.
     *
     * @throws IllegalStateException while it is not running, as between a death and the restart
     */
    public long pid(Part part) {
        return supervisor(part).pid().orElseThrow(() -> new IllegalStateException(part.label() + " is not running"));
    }

    /** For tests: SIGKILL; returns when the process is gone. The part is started again as after any death. */
    public void kill(Part part) throws InterruptedException {
        supervisor(part).kill();
    }

    /** For tests: ends one part in good order and leaves it so; returns when it is gone. */
    public void stop(Part part) {
        supervisor(part).stop();
    }

    /** For tests: starts a part again that was stopped; returns when it is ready. */
    public void start(Part part) throws InterruptedException {
        synchronized (this) {
            if (closing) {
                throw closed();
            }
            supervisor(part).start();
        }
        awaitReady(part);
    }

    /** Waits at most 120 s until the part is ready, for instance again after {@link #kill}. */
    public void awaitReady(Part part) throws InterruptedException {
        supervisor(part).awaitReady();
    }

    /**
     * Ends every part and returns when no process is left, within about 40 s at worst. May be called from any thread at any
     * moment, also while {@link #up()} is under way, which then throws; a second call waits for the first.
     */
    @Override
    public void close() {
        synchronized (this) {
            if (closing) {
                // the first call does the work
            } else {
                closing = true;
                new Thread(this::end, "stack-end").start();
            }
        }
        ended.join();
    }

    /** On a thread of its own, so that no interruption of a caller cuts it short. */
    private void end() {
        try {
            DataDir dir;
            List<Supervisor> all;
            synchronized (this) {
                while (preparing) {
                    wait();
                }
                dir = dataDir;
                all = List.copyOf(supervisors.values());
            }
            if (dir != null) {
                StackFile.delete(dir.root());
                for (Set<Part> together : END) {
                    all.stream()
                            .filter(supervisor -> together.contains(supervisor.part()))
                            .map(supervisor -> CompletableFuture.runAsync(supervisor::stop, EmbeddedStack::onThread))
                            .toList()
                            .forEach(CompletableFuture::join);
                }
                try (dir) {
                    SparkCluster.unlink(dir);
                }
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            LOG.error("event=end_failed", e);
        } finally {
            ended.complete(null);
        }
    }

    private static void onThread(Runnable task) {
        new Thread(task, "part-end").start();
    }

    private synchronized Supervisor supervisor(Part part) {
        Supervisor supervisor = supervisors.get(part);
        if (supervisor == null) {
            throw new IllegalStateException(part.label() + " is not part of this stack");
        }
        return supervisor;
    }

    private synchronized boolean isClosing() {
        return closing;
    }

    private static StackFailed closed() {
        return StackFailed.before("ended while it was being started", null);
    }

    private void writeStackFile() throws IOException {
        synchronized (this) {
            Addresses chosen = addresses;
            DataDir dir = dataDir;
            if (!up || closing || chosen == null || dir == null) {
                return;
            }
            Map<Part, Long> pids = new EnumMap<>(Part.class);
            supervisors.forEach((part, supervisor) -> supervisor.pid().ifPresent(pid -> pids.put(part, pid)));
            ProcessHandle launcher = ProcessHandle.current();
            Instant started = launcher.info().startInstant().orElse(Instant.EPOCH);
            new StackFile(chosen, launcher.pid(), started, pids).write(dir.root());
        }
    }

    private void refreshStackFile() {
        try {
            writeStackFile();
        } catch (IOException e) {
            LOG.error("event=stack_file_failed", e);
        }
    }

    /** Keeps our own books before it tells the listener. */
    private final class Relay implements StackListener {
        @Override
        public void starting(Part part) {
            listener.starting(part);
        }

        @Override
        public void ready(Part part, Duration took) {
            synchronized (EmbeddedStack.this) {
                readyAfter.putIfAbsent(part, took);
            }
            refreshStackFile();
            listener.ready(part, took);
        }

        @Override
        public void died(Part part, int exit, Path log, Duration restartIn) {
            refreshStackFile();
            listener.died(part, exit, log, restartIn);
        }

        @Override
        public void broken(StackFailed failure) {
            broken.complete(failure);
            listener.broken(failure);
        }
    }
}
