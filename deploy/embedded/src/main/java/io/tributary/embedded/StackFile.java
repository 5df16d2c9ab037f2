package io.tributary.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.embedded.EmbeddedStack.Part;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * {@code stack.json} in the data folder: how other processes find a stack that is up. There from the moment all parts are ready
 * until the stack begins to end; a killed launcher leaves it behind, see {@link #isUp()}.
 *
 * @param started when the launcher process began, as the system tells it
 * @param pids of the parts themselves; those of the moment of writing, it is written again after each restart
 */
public record StackFile(Addresses addresses, long launcherPid, Instant started, Map<Part, Long> pids) {
    private static final String NAME = "stack.json";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration SAME_START = Duration.ofSeconds(2);

    public StackFile {
        pids = Map.copyOf(pids);
    }

    /** Whether the launcher that wrote this still runs; its id may have become another's. */
    public boolean isUp() {
        return ProcessHandle.of(launcherPid)
                .filter(ProcessHandle::isAlive)
                .flatMap(launcher -> launcher.info().startInstant())
                .filter(start -> Duration.between(start, started).abs().compareTo(SAME_START) <= 0)
                .isPresent();
    }

    /**
     * Reads the file of a stack, up or not.
     *
     * @return empty where there is none
     * @throws IOException also where it is not what {@link #write} wrote
     */
    public static Optional<StackFile> read(Path dataDir) throws IOException {
        Path file = dataDir.resolve(NAME);
        JsonNode json;
        try {
            json = JSON.readTree(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        try {
            JsonNode launcher = json.required("launcher");
            Map<Part, Long> pids = new EnumMap<>(Part.class);
            json.required("pids")
                    .properties()
                    .forEach(pid -> pids.put(
                            Part.valueOf(pid.getKey().toUpperCase(Locale.ROOT)),
                            pid.getValue().longValue()));
            return Optional.of(new StackFile(
                    addresses(json.required("addresses")),
                    launcher.required("pid").longValue(),
                    Instant.parse(launcher.required("started").textValue()),
                    pids));
        } catch (IllegalArgumentException | DateTimeException | NullPointerException e) {
            throw new IOException(file + " is not a stack's: " + e.getMessage(), e);
        }
    }

    /** Replaces the file; a reader sees the old one or the new one. */
    public void write(Path dataDir) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.putObject("launcher").put("pid", launcherPid).put("started", started.toString());
        put(addresses, json.putObject("addresses"));
        ObjectNode ids = json.putObject("pids");
        pids.forEach((part, pid) -> ids.put(part.label(), pid));
        Path file = dataDir.resolve(NAME);
        Path fresh = dataDir.resolve(NAME + ".new");
        Files.write(fresh, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static void delete(Path dataDir) throws IOException {
        Files.deleteIfExists(dataDir.resolve(NAME));
    }

    private static void put(Addresses addresses, ObjectNode json) {
        addresses
                .postgres()
                .ifPresent(postgres -> json.putObject("postgres")
                        .put("host", postgres.host())
                        .put("port", postgres.port())
                        .put("database", postgres.database())
                        .put("user", postgres.user())
                        .put("passwordFile", postgres.passwordFile().toString()));
        addresses.kafkaBootstrap().ifPresent(address -> json.put("kafkaBootstrap", address));
        addresses.registryUrl().ifPresent(url -> json.put("registryUrl", url.toString()));
        addresses.cassandraContact().ifPresent(address -> json.put("cassandraContact", address));
        json.put("datacenter", addresses.datacenter());
        addresses.sourceUrl().ifPresent(url -> json.put("sourceUrl", url.toString()));
        addresses.ingestUrl().ifPresent(url -> json.put("ingestUrl", url.toString()));
        addresses.streamUrl().ifPresent(url -> json.put("streamUrl", url.toString()));
        addresses.zookeeper().ifPresent(address -> json.put("zookeeper", address));
        addresses.airflowUrl().ifPresent(url -> json.put("airflowUrl", url.toString()));
        addresses.airflowMetricsUrl().ifPresent(url -> json.put("airflowMetricsUrl", url.toString()));
    }

    private static Addresses addresses(JsonNode json) {
        return new Addresses(
                Optional.ofNullable(json.get("postgres")).map(StackFile::postgres),
                text(json, "kafkaBootstrap"),
                text(json, "registryUrl").map(URI::create),
                text(json, "cassandraContact"),
                text(json, "datacenter").orElse(CassandraServer.DATACENTER),
                text(json, "sourceUrl").map(URI::create),
                text(json, "ingestUrl").map(URI::create),
                text(json, "streamUrl").map(URI::create),
                text(json, "zookeeper"),
                text(json, "airflowUrl").map(URI::create),
                text(json, "airflowMetricsUrl").map(URI::create));
    }

    private static Addresses.Postgres postgres(JsonNode json) {
        return new Addresses.Postgres(
                json.required("host").textValue(),
                json.required("port").intValue(),
                json.required("database").textValue(),
                json.required("user").textValue(),
                Path.of(json.required("passwordFile").textValue()));
    }

    private static Optional<String> text(JsonNode json, String name) {
        return Optional.ofNullable(json.get(name)).map(JsonNode::textValue);
    }
}
