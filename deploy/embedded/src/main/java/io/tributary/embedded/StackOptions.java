package io.tributary.embedded;

import io.tributary.embedded.EmbeddedStack.Part;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * What to start, and where.
 *
 * @param home the built project: its modules' {@code target} folders name the class paths
 * @param dataDir everything the stack writes; made where it is missing
 * @param parts what to start; {@link Part#SOURCE} is left out where {@code sourceUrl} is given
 * @param sourceUrl asked by ingest instead of the stand-in
 * @param sourceQuota users a window the stand-in hands out, 0 for no limit
 * @param ports where the user wants a part; the others get free ones, which are kept for the next start over the same folder
 * @param env added to the environment of a part
 * @param jvm added to the java options of a part, after ours, so that these win
 * @param settings added to the configuration file of Kafka, Cassandra or Airflow; a key given here wins over ours
 * @param keys what the launcher needs to come in where those settings ask for it
 */
public record StackOptions(
        Path home,
        Path dataDir,
        Set<Part> parts,
        Optional<URI> sourceUrl,
        long sourceQuota,
        Map<Part, Integer> ports,
        Map<Part, Map<String, String>> env,
        Map<Part, List<String>> jvm,
        Map<Part, Map<String, String>> settings,
        Keys keys) {
    /** Workers of a cluster. */
    public static final int MOST_WORKERS = 4;

    private static final long DEFAULT_QUOTA = 20_000;

    /** Everything but what a cluster of Spark needs. */
    private static final Set<Part> ALONE =
            Set.of(Part.POSTGRES, Part.KAFKA, Part.REGISTRY, Part.CASSANDRA, Part.SOURCE, Part.INGEST, Part.STREAM);

    public StackOptions {
        home = home.toAbsolutePath().normalize();
        dataDir = dataDir.toAbsolutePath().normalize();
        EnumSet<Part> asked = parts.isEmpty() ? EnumSet.noneOf(Part.class) : EnumSet.copyOf(parts);
        if (sourceUrl.isPresent()) {
            asked.remove(Part.SOURCE);
        }
        parts = Collections.unmodifiableSet(asked);
        ports = Map.copyOf(ports);
        env = Map.copyOf(env);
        jvm = Map.copyOf(jvm);
        settings = Map.copyOf(settings);
        if (parts.isEmpty()) {
            throw StackFailed.before("no part of the stack was asked for", null);
        }
        if (sourceQuota < 0) {
            throw StackFailed.before("source quota " + sourceQuota + ", expected 0 (no limit) or more users", null);
        }
        ports.forEach((part, port) -> {
            if (port < 1 || port > 65_535) {
                throw StackFailed.before("port " + port + " for " + part.label() + ", expected 1..65535", null);
            }
        });
    }

    /** The whole pipeline in {@code home/.tributary}: every part but ZooKeeper and Spark's cluster: the stream is one process. */
    public static StackOptions of(Path home) {
        return new StackOptions(
                home,
                home.resolve(".tributary"),
                ALONE,
                Optional.empty(),
                DEFAULT_QUOTA,
                Map.of(),
                Map.of(),
                Map.of(),
                Map.of(),
                Keys.NONE);
    }

    public StackOptions withDataDir(Path folder) {
        return new StackOptions(home, folder, parts, sourceUrl, sourceQuota, ports, env, jvm, settings, keys);
    }

    public StackOptions withParts(Set<Part> wanted) {
        return new StackOptions(home, dataDir, wanted, sourceUrl, sourceQuota, ports, env, jvm, settings, keys);
    }

    /** The same with the stream on a cluster: ZooKeeper, two masters, 1 to {@link #MOST_WORKERS} workers. */
    public StackOptions withCluster(int workers) {
        if (workers < 1 || workers > MOST_WORKERS) {
            throw StackFailed.before(workers + " workers, expected 1.." + MOST_WORKERS, null);
        }
        EnumSet<Part> all = EnumSet.copyOf(parts);
        all.addAll(SparkCluster.MASTERS);
        all.addAll(SparkCluster.WORKERS.subList(0, workers));
        all.add(Part.ZOOKEEPER);
        return withParts(all);
    }

    /** The same with Airflow; its environment is that of {@code airflow/venv.sh}, which has run before. */
    public StackOptions withAirflow() {
        EnumSet<Part> all = EnumSet.copyOf(parts);
        all.addAll(AirflowServers.PARTS);
        return withParts(all);
    }

    /** Airflow whose DAGs run as soon as they are found; otherwise each waits to be turned on. */
    public StackOptions withDagsUnpaused() {
        return withSetting(Part.AIRFLOW, AirflowConfig.PAUSED, "False");
    }

    public StackOptions withSourceUrl(URI url) {
        return new StackOptions(home, dataDir, parts, Optional.of(url), sourceQuota, ports, env, jvm, settings, keys);
    }

    public StackOptions withSourceQuota(long users) {
        return new StackOptions(home, dataDir, parts, sourceUrl, users, ports, env, jvm, settings, keys);
    }

    public StackOptions withPort(Part part, int port) {
        return new StackOptions(
                home,
                dataDir,
                parts,
                sourceUrl,
                sourceQuota,
                put(ports, part, port, (a, b) -> b),
                env,
                jvm,
                settings,
                keys);
    }

    public StackOptions withEnv(Part part, String name, String value) {
        return new StackOptions(
                home,
                dataDir,
                parts,
                sourceUrl,
                sourceQuota,
                ports,
                put(env, part, Map.of(name, value), StackOptions::both),
                jvm,
                settings,
                keys);
    }

    public StackOptions withJvm(Part part, String... options) {
        return new StackOptions(
                home,
                dataDir,
                parts,
                sourceUrl,
                sourceQuota,
                ports,
                env,
                put(jvm, part, List.of(options), StackOptions::joined),
                settings,
                keys);
    }

    /**
     * For {@link Part#KAFKA} a property, for {@link Part#CASSANDRA} a key of the top level with its value in YAML, for {@link
     * Part#AIRFLOW} {@code section.key} of {@code airflow.cfg}.
     */
    public StackOptions withSetting(Part part, String key, String value) {
        if (part != Part.KAFKA && part != Part.CASSANDRA && part != Part.AIRFLOW) {
            throw StackFailed.before("no settings can be given to " + part.label(), null);
        }
        return new StackOptions(
                home,
                dataDir,
                parts,
                sourceUrl,
                sourceQuota,
                ports,
                env,
                jvm,
                put(settings, part, Map.of(key, value), StackOptions::both),
                keys);
    }

    public StackOptions withKeys(Keys own) {
        return new StackOptions(home, dataDir, parts, sourceUrl, sourceQuota, ports, env, jvm, settings, own);
    }

    private static <V> Map<Part, V> put(Map<Part, V> map, Part part, V value, BiFunction<V, V, V> merge) {
        Map<Part, V> copy = new EnumMap<>(Part.class);
        copy.putAll(map);
        copy.merge(part, value, merge);
        return copy;
    }

    private static Map<String, String> both(Map<String, String> one, Map<String, String> other) {
        Map<String, String> all = new HashMap<>(one);
        all.putAll(other);
        return all;
    }

    private static List<String> joined(List<String> one, List<String> other) {
        List<String> all = new ArrayList<>(one);
        all.addAll(other);
        return all;
    }
}
