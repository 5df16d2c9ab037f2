package io.tributary.embedded;

import io.tributary.embedded.EmbeddedStack.Part;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Who listens where, all on 127.0.0.1: the port given, else the one of the last start over the same folder if it is still free,
 * else any free one. Free ones come from {@value #LOWEST}..{@value #HIGHEST}, below the range that systems hand out to outgoing
 * connections: such a connection could take the port of a server while it is being started again.
 */
record Ports(Map<Slot, Integer> numbers) {
    static final int LOWEST = 15_000;
    static final int HIGHEST = 31_999;
    private static final int TRIES = 1_000;

    /** One listening socket of a part. */
    enum Slot {
        POSTGRES(Part.POSTGRES),
        KAFKA(Part.KAFKA),
        KAFKA_CONTROLLER(Part.KAFKA),
        REGISTRY(Part.REGISTRY),
        CASSANDRA(Part.CASSANDRA),
        CASSANDRA_STORAGE(Part.CASSANDRA),
        ZOOKEEPER(Part.ZOOKEEPER),
        MASTER(Part.MASTER),
        MASTER_UI(Part.MASTER),
        STANDBY(Part.STANDBY),
        STANDBY_UI(Part.STANDBY),
        WORKER_1(Part.WORKER_1),
        WORKER_2(Part.WORKER_2),
        WORKER_3(Part.WORKER_3),
        WORKER_4(Part.WORKER_4),
        SOURCE(Part.SOURCE),
        INGEST(Part.INGEST),
        STREAM(Part.STREAM),
        AIRFLOW(Part.AIRFLOW),
        STATSD(Part.STATSD),
        /** UDP. */
        STATSD_UDP(Part.STATSD);

        private final Part part;

        Slot(Part part) {
            this.part = part;
        }

        private String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    Ports {
        numbers = Map.copyOf(numbers);
    }

    /**
     * Chooses and remembers one port for each slot, also of parts that are not started: what is told to a client must be nobody
     * else's.
     *
     * @throws StackFailed where a given port of a part that is to be started is taken, or one number is given twice
     */
    static Ports choose(Path file, Map<Part, Integer> given, Set<Part> started, DataDir dataDir, RandomGenerator random)
            throws IOException {
        Properties remembered = read(file);
        Map<Slot, Integer> chosen = new EnumMap<>(Slot.class);
        Set<Integer> used = new HashSet<>();
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (Slot slot : Slot.values()) {
                Integer port = slot.name().equals(slot.part.name()) ? given.get(slot.part) : null;
                if (port == null) {
                    continue;
                }
                if (!used.add(port) || (started.contains(slot.part) && !hold(port, held))) {
                    throw StackFailed.of(slot.part, dataDir.log(slot.part), "port " + port + " is taken", null);
                }
                chosen.put(slot, port);
            }
            for (Slot slot : Slot.values()) {
                Integer before = number(remembered.getProperty(slot.key()));
                if (!chosen.containsKey(slot) && before != null && !used.contains(before) && hold(before, held)) {
                    used.add(before);
                    chosen.put(slot, before);
                }
            }
            for (Slot slot : Slot.values()) {
                if (!chosen.containsKey(slot)) {
                    chosen.put(slot, free(used, held, random));
                }
            }
        } finally {
            for (ServerSocket socket : held) {
                socket.close();
            }
        }
        write(file, chosen);
        return new Ports(chosen);
    }

    int of(Slot slot) {
        Integer port = numbers.get(slot);
        if (port == null) {
            throw new IllegalArgumentException("no port for " + slot);
        }
        return port;
    }

    String hostPort(Slot slot) {
        return "127.0.0.1:" + of(slot);
    }

    private static int free(Set<Integer> used, List<ServerSocket> held, RandomGenerator random) throws IOException {
        for (int i = 0; i < TRIES; i++) {
            int port = random.nextInt(LOWEST, HIGHEST + 1);
            if (!used.contains(port) && hold(port, held)) {
                used.add(port);
                return port;
            }
        }
        throw new IOException("no free port found in " + LOWEST + ".." + HIGHEST + " after " + TRIES + " tries");
    }

    /** Takes the port until all are chosen, so that no two launchers that choose at once get the same one. */
    private static boolean hold(int port, List<ServerSocket> held) throws IOException {
        ServerSocket socket = new ServerSocket();
        try {
            socket.setReuseAddress(true); // connections of the last server may be in TIME_WAIT
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            held.add(socket);
            return true;
        } catch (IOException e) {
            socket.close();
            return false;
        }
    }

    private static @Nullable Integer number(@Nullable String text) {
        return text != null && text.matches("[0-9]{4,5}") && Integer.parseInt(text) <= 65_535
                ? Integer.valueOf(text)
                : null;
    }

    private static Properties read(Path file) throws IOException {
        Properties properties = new Properties();
        if (Files.exists(file)) {
            try (Reader reader = Files.newBufferedReader(file)) {
                properties.load(reader);
            }
        }
        return properties;
    }

    private static void write(Path file, Map<Slot, Integer> chosen) throws IOException {
        Properties properties = new Properties();
        chosen.forEach((slot, port) -> properties.setProperty(slot.key(), port.toString()));
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (Writer writer = Files.newBufferedWriter(fresh)) {
            properties.store(writer, "kept for the next start over this folder");
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
