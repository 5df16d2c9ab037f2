package io.tributary.perf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A process with its children, as Linux tells of it in {@code /proc}: PostgreSQL is a process for each connection, and one that has
 * ended is counted with its parent.
 */
final class ProcessTree {
    private static final double TICKS_A_SECOND = 100; // USER_HZ, the same on every Linux that Java runs on
    private static final int USER_TIME = 11; // then the system's, and both of children that have ended

    private static final int OWN_TIMES = 2;
    private static final int TIMES = 4;
    private static final Pattern COMPILER = Pattern.compile("\\(C[12] Compiler");
    private static final int KIB = 1024;

    private final long root;
    private final boolean withChildren;

    private ProcessTree(long root, boolean withChildren) {
        this.root = root;
        this.withChildren = withChildren;
    }

    /** A process and all that it has started; one that is started on another thread than its first is not found. */
    static ProcessTree of(long pid) {
        return new ProcessTree(pid, true);
    }

    /** This process, and of its children those that have ended: the others are measured by themselves. */
    static ProcessTree ownAndEnded() {
        return new ProcessTree(ProcessHandle.current().pid(), false);
    }

    /** CPU taken since its start, in seconds. */
    double cpuSeconds() throws IOException {
        double ticks = 0;
        for (long pid : pids()) {
            ticks += ticks(text(pid, "stat"), TIMES);
        }
        return ticks / TICKS_A_SECOND;
    }

    private static double ticks(String stat, int times) {
        if (stat.isEmpty()) {
            return 0;
        }
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1); // a name may hold blanks
        return Arrays.stream(fields, USER_TIME, USER_TIME + times)
                .mapToDouble(Double::parseDouble)
                .sum();
    }

    /** Of a Java process, what its compilers took of that: it ends some time after the start and is no cost of a user. */
    double compilerSeconds() throws IOException {
        double ticks = 0;
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(root), "task"))) {
            for (Path thread : threads.toList()) {
                String stat = text(root, "task/" + thread.getFileName() + "/stat");
                if (COMPILER.matcher(stat).find()) {
                    ticks += ticks(stat, OWN_TIMES);
                }
            }
        }
        return ticks / TICKS_A_SECOND;
    }

    /** Bytes that it has sent to a disk, or left to the kernel to send. */
    long writtenBytes() throws IOException {
        long bytes = 0;
        for (long pid : pids()) {
            bytes += number(text(pid, "io"), "write_bytes:");
        }
        return bytes;
    }

    /** Memory held now, in bytes; what its processes share is counted once. */
    long residentBytes() throws IOException {
        long own = 0;
        long shared = 0;
        for (long pid : pids()) {
            String status = text(pid, "status");
            own += number(status, "RssAnon:");
            shared = Math.max(shared, number(status, "RssFile:") + number(status, "RssShmem:"));
        }
        return (own + shared) * KIB;
    }

    private List<Long> pids() throws IOException {
        List<Long> all = new ArrayList<>(List.of(root));
        for (int i = 0; withChildren && i < all.size(); i++) {
            long parent = all.get(i);
            Stream.of(text(parent, "task/" + parent + "/children").split(" ", -1))
                    .filter(child -> !child.isBlank())
                    .map(Long::valueOf)
                    .forEach(all::add);
        }
        return all;
    }

    /** Empty for a process, or a thread of one, that is gone. */
    private static String text(long pid, String file) throws IOException {
        Path path = Path.of("/proc", Long.toString(pid), file);
        try {
            return Files.readString(path);
        } catch (IOException e) {
            if (!Files.exists(path)) {
                return "";
            }
            throw new IOException(path + " can not be read; it takes Linux, and the user who started the process", e);
        }
    }

    private static long number(String lines, String name) {
        return lines.lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.replaceAll("[^0-9]", ""))
                .mapToLong(Long::parseLong)
                .sum();
    }
}
