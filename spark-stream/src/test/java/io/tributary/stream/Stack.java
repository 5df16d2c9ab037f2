package io.tributary.stream;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import io.tributary.embedded.EmbeddedStack;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackListener;
import io.tributary.embedded.StackOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;

/** Real servers in a folder of their own, gone when closed. */
public final class Stack implements AutoCloseable {
    private final Path folder;
    private final EmbeddedStack stack;
    private final CqlSession cassandra;

    private Stack(Path folder, EmbeddedStack stack) {
        this.folder = folder;
        this.stack = stack;
        this.cassandra = session(stack);
    }

    public static Stack start(Part first, Part... more) throws IOException {
        Set<Part> parts = EnumSet.of(first, more);
        Path folder = Files.createTempDirectory("tributary-stream-it");
        StackOptions options = StackOptions.of(Path.of(".."))
                .withDataDir(folder)
                .withParts(parts)
                .withJvm(Part.STREAM, "-XX:TieredStopAtLevel=1");
        return new Stack(folder, EmbeddedStack.start(options, StackListener.SILENT));
    }

    public EmbeddedStack parts() {
        return stack;
    }

    /** Where the parts keep what is theirs. */
    public Path folder() {
        return folder;
    }

    public CqlSession cassandra() {
        return cassandra;
    }

    public String contact() {
        return stack.addresses().cassandraContact().orElseThrow();
    }

    @Override
    public void close() throws IOException {
        cassandra.close();
        stack.close();
        keepLogs();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** For who wonders why a test failed. */
    private void keepLogs() throws IOException {
        Path kept = Files.createDirectories(Path.of("target", "stack-logs"));
        try (Stream<Path> logs = Files.list(folder.resolve("logs"))) {
            for (Path log : logs.filter(Files::isRegularFile).toList()) {
                Files.copy(log, kept.resolve(log.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static CqlSession session(EmbeddedStack stack) {
        String[] contact = stack.addresses().cassandraContact().orElseThrow().split(":");
        return CqlSession.builder()
                .addContactPoint(new InetSocketAddress(contact[0], Integer.parseInt(contact[1])))
                .withLocalDatacenter(stack.addresses().datacenter())
                .withConfigLoader(DriverConfigLoader.programmaticBuilder()
                        .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, Duration.ofSeconds(30))
                        .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, Duration.ofSeconds(15))
                        .withDuration(DefaultDriverOption.CONTROL_CONNECTION_TIMEOUT, Duration.ofSeconds(15))
                        .withDuration(DefaultDriverOption.RECONNECTION_BASE_DELAY, Duration.ofMillis(500))
                        .withDuration(DefaultDriverOption.RECONNECTION_MAX_DELAY, Duration.ofSeconds(2))
                        .build())
                .build();
    }
}
