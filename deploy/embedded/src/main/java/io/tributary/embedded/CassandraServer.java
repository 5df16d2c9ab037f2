package io.tributary.embedded;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.CqlSessionBuilder;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.api.core.ssl.ProgrammaticSslEngineFactory;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.schemas.CqlScripts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One Cassandra node with our keyspace and tables. It now and then ends with status 3 while many JVMs start on few cores; it is
 * then started again like any part that dies.
 */
record CassandraServer(
        DataDir dataDir, ClassPaths classPaths, Ports ports, List<String> jvm, Map<String, String> added, Keys keys)
        implements Server {
    static final String DATACENTER = "datacenter1"; // the name that SimpleSnitch gives
    private static final Duration DRIVER_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration DDL_TIMEOUT = Duration.ofSeconds(30);

    @Override
    public Part part() {
        return Part.CASSANDRA;
    }

    @Override
    public void prepare() throws IOException {
        Path conf = dataDir.of(part()).resolve("conf");
        Files.createDirectories(conf);
        Files.write(conf.resolve("cassandra.yaml"), settings());
        Files.writeString(conf.resolve("logback.xml"), QuietLog.LOGBACK);
    }

    private List<String> settings() {
        Path folder = dataDir.of(part());
        List<String> lines = new ArrayList<>(List.of(
                "cluster_name: tributary",
                "num_tokens: 1",
                "partitioner: org.apache.cassandra.dht.Murmur3Partitioner",
                "data_file_directories: [" + yaml(folder.resolve("data")) + "]",
                "commitlog_directory: " + yaml(folder.resolve("commitlog")),
                "saved_caches_directory: " + yaml(folder.resolve("saved_caches")),
                "hints_directory: " + yaml(folder.resolve("hints")),
                "cdc_raw_directory: " + yaml(folder.resolve("cdc_raw")),
                // "periodic" acknowledges what a kill -9 of the process alone then loses: replay ends at the last
                // marker in the log,
                // written every 100 ms or so (CASSANDRA-13987). Of the only copy, what is acknowledged has to be there.
                "commitlog_sync: batch",
                // direct where the file system can: a mapped page is written to again after each sync, at a page fault
                // each
                "commitlog_disk_access_mode: auto",
                "commitlog_segment_size: 16MiB",
                "commitlog_total_space: 256MiB",
                "memtable_heap_space: 96MiB",
                // cells in native memory and one flush at half of it: fewer and larger files, so a third less
                // compaction
                "memtable_offheap_space: 160MiB",
                "memtable_allocation_type: offheap_objects",
                "memtable_flush_writers: 1",
                "listen_address: 127.0.0.1",
                "storage_port: " + ports.of(Ports.Slot.CASSANDRA_STORAGE),
                "rpc_address: 127.0.0.1",
                "start_native_transport: true",
                "native_transport_port: " + ports.of(Ports.Slot.CASSANDRA),
                "endpoint_snitch: SimpleSnitch",
                "seed_provider:",
                "  - class_name: org.apache.cassandra.locator.SimpleSeedProvider",
                "    parameters:",
                "      - seeds: \"" + ports.hostPort(Ports.Slot.CASSANDRA_STORAGE) + "\"",
                "authenticator: AllowAllAuthenticator",
                "authorizer: AllowAllAuthorizer",
                "concurrent_reads: 8",
                "concurrent_writes: 64", // each waits for the sync that it shares with the others
                "concurrent_counter_writes: 4",
                "concurrent_compactors: 1",
                "file_cache_size: 32MiB",
                "key_cache_size: 16MiB",
                "networking_cache_size: 32MiB",
                "auto_snapshot: false",
                "auto_bootstrap: false",
                "disk_access_mode: standard"));
        added.forEach((key, value) -> {
            lines.removeIf(line -> line.startsWith(key + ":"));
            lines.add(key + ": " + value);
        });
        return lines;
    }

    private static String yaml(Path path) {
        return "'" + path.toString().replace("'", "''") + "'";
    }

    @Override
    public List<String> command() throws IOException {
        Path folder = dataDir.of(part());
        List<String> line = new ArrayList<>(JavaOptions.command(part(), dataDir, jvm));
        line.addAll(List.of(
                "-javaagent:" + jamm(),
                "-Dcassandra.config=" + folder.resolve("conf/cassandra.yaml").toUri(),
                "-Dlogback.configurationFile=" + folder.resolve("conf/logback.xml"),
                "-Dcassandra.storagedir=" + folder,
                "-Dcassandra.logdir=" + folder,
                "-Dcassandra-foreground=yes",
                "-Dcassandra.set_sep_thread_name=false", // a system call each time a thread takes up other work
                "-Dcassandra.ring_delay_ms=0",
                "-Dcassandra.skip_wait_for_gossip_to_settle=0",
                "-Dcassandra.superuser_setup_delay_ms=0",
                "-Dcassandra.shutdown_announce_in_ms=0",
                "-cp",
                classPaths.ofServer("cassandra"),
                "org.apache.cassandra.service.CassandraDaemon"));
        return line;
    }

    /** The agent that measures objects, without which Cassandra refuses to start. */
    private Path jamm() throws IOException {
        return classPaths.jarsOfServer("cassandra").stream()
                .filter(jar -> jar.getFileName().toString().matches("jamm-.*[.]jar"))
                .findFirst()
                .orElseThrow(() -> new IOException("jamm is missing from Cassandra's class path"));
    }

    @Override
    public void awaken() throws IOException {
        Asking.listening(ports.of(Ports.Slot.CASSANDRA));
        DriverConfigLoader settings = DriverConfigLoader.programmaticBuilder()
                .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, DRIVER_TIMEOUT)
                .withDuration(DefaultDriverOption.CONNECTION_SET_KEYSPACE_TIMEOUT, DRIVER_TIMEOUT)
                .withDuration(DefaultDriverOption.CONTROL_CONNECTION_TIMEOUT, DRIVER_TIMEOUT)
                .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, DDL_TIMEOUT)
                // else it reads the schema after each statement, and gathers for a second before it does
                .withBoolean(DefaultDriverOption.METADATA_SCHEMA_ENABLED, false)
                .withInt(DefaultDriverOption.NETTY_IO_SIZE, 1)
                .withInt(DefaultDriverOption.NETTY_ADMIN_SIZE, 1)
                .build();
        CqlSessionBuilder builder = CqlSession.builder()
                .addContactPoint(InetSocketAddress.createUnresolved("127.0.0.1", ports.of(Ports.Slot.CASSANDRA)))
                .withLocalDatacenter(DATACENTER)
                .withConfigLoader(settings);
        keys.cassandra().login().ifPresent(login -> builder.withAuthCredentials(login.user(), login.password()));
        keys.cassandra()
                .authorities()
                .ifPresent(authorities -> builder.withSslEngineFactory(
                        new ProgrammaticSslEngineFactory(authorities.tls(), null, true, false)));
        try (CqlSession session = builder.build()) {
            for (String statement : CqlScripts.statements()) {
                session.execute(statement);
            }
        }
    }
}
