package io.tributary.embedded;

import io.tributary.embedded.EmbeddedStack.Part;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The one folder that a stack writes to, for one launcher at a time and for its owner's eyes only (mode 700: passwords and the
 * source's originals are in it).
 *
 * <pre>
 * lock              held by the launcher; names its process id
 * stack.json        addresses and process ids while the stack is up
 * ports.properties  kept from start to start
 * logs/PART.log     output of each part, appended; over {@value #LOG_BYTES} bytes at a start it becomes PART.log.1
 * run/              leash.sh, PART.pid
 * tmp/PART/         java.io.tmpdir of the part, emptied at each start of it
 * PART/             what the part keeps
 * </pre>
 */
final class DataDir implements Closeable {
    static final long LOG_BYTES = 10_000_000;

    /** A killed launcher's watchers end what it left within 16 s. */
    private static final Duration LEFTOVERS_END_WITHIN = Duration.ofSeconds(20);

    /** Room between the start of a process, counted in ticks since boot, and the time stamp of its pid file. */
    private static final Duration START_TOLERANCE = Duration.ofSeconds(5);

    /** POSIX drops a process's locks on a file when it closes any handle of that file: never open it twice in one JVM. */
    private static final Set<Path> TAKEN_HERE = ConcurrentHashMap.newKeySet();

    private final Path root;
    private final Path real;
    private final FileChannel lockFile;

    private DataDir(Path root, Path real, FileChannel lockFile) {
        this.root = root;
        this.real = real;
        this.lockFile = lockFile;
    }

    /**
     * Makes the folder where it is missing, and takes it.
     *
     * @throws StackFailed where another launcher has it
     */
    static DataDir take(Path root) throws IOException {
        Files.createDirectories(root);
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
        Path real = root.toRealPath();
        if (!TAKEN_HERE.add(real)) {
            throw inUse(root, String.valueOf(ProcessHandle.current().pid()));
        }
        DataDir dir = null;
        try {
            dir = new DataDir(root, real, lock(root));
            Files.createDirectories(root.resolve("logs"));
            Files.createDirectories(root.resolve("run"));
            Leash.writeScript(dir.script());
            return dir;
        } catch (IOException | StackFailed e) {
            if (dir != null) {
                dir.close();
            }
            TAKEN_HERE.remove(real);
            throw e;
        }
    }

    private static FileChannel lock(Path root) throws IOException {
        Path file = root.resolve("lock");
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        boolean mine = false;
        try {
            mine = channel.tryLock() != null;
            if (!mine) {
                throw inUse(root, Files.readString(file).strip());
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
        } finally {
            if (!mine) {
                channel.close();
            }
        }
        return channel;
    }

    private static StackFailed inUse(Path root, String pid) {
        return StackFailed.before(
                root + " is in use by process " + (pid.isEmpty() ? "(unknown)" : pid)
                        + "; end it (./etl down) or choose another folder (--data DIR)",
                null);
    }

    Path root() {
        return root;
    }

    Path of(Part part) {
        return root.resolve(part.label());
    }

    Path log(Part part) {
        return root.resolve("logs").resolve(part.label() + ".log");
    }

    Path tmp(Part part) {
        return root.resolve("tmp").resolve(part.label());
    }

    Path ports() {
        return root.resolve("ports.properties");
    }

    private Path script() {
        return root.resolve("run").resolve("leash.sh");
    }

    /** The ids of the watcher and of the part, written when its present life began. */
    Path pidFile(Part part) {
        return pidFile(part.label());
    }

    private Path pidFile(String name) {
        return root.resolve("run").resolve(name + ".pid");
    }

    /** Starts the command of a part on a leash, with an empty folder for temporary files and a log that is not too long. */
    Leash run(Server server) throws Exception {
        Part part = server.part();
        prepareFolders(part);
        return Leash.start(
                script(),
                pidFile(part.label()),
                log(part),
                server.stop(),
                of(part),
                environment(part, server.environment()),
                server.command());
    }

    /**
     * Runs a command of a part that ends by itself, such as initdb; output goes to the log of the part.
     *
     * @throws IOException where it fails or takes too long
     */
    void runToEnd(Part part, Map<String, String> added, List<String> command, Duration bound)
            throws IOException, InterruptedException {
        prepareFolders(part);
        Leash leash = Leash.start(
                script(),
                pidFile(part.label() + "-init"),
                log(part),
                Leash.Stop.TERM,
                of(part),
                environment(part, added),
                command);
        try (leash) {
            if (!leash.endsWithin(bound)) {
                throw new IOException(command.get(0) + " has not ended after " + bound.toSeconds() + " s");
            }
            int exit = leash.waitFor();
            if (exit != 0) {
                throw new IOException(command.get(0) + " ended with exit status " + exit);
            }
        }
    }

    private void prepareFolders(Part part) throws IOException {
        Files.createDirectories(of(part));
        delete(tmp(part));
        Files.createDirectories(tmp(part));
        Path log = log(part);
        if (Files.exists(log) && Files.size(log) > LOG_BYTES) {
            Files.move(log, log.resolveSibling(log.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** The same wherever the launcher is started from; {@code TRIBUTARY_DATA} tells whose process it is. */
    private Map<String, String> environment(Part part, Map<String, String> added) {
        Map<String, String> environment = new HashMap<>();
        for (String name : List.of("PATH", "HOME", "USER", "LOGNAME", "TZ")) {
            String value = System.getenv(name);
            if (value != null) {
                environment.put(name, value);
            }
        }
        environment.put("LC_ALL", "C.UTF-8");
        environment.put("TMPDIR", tmp(part).toString());
        environment.put("TRIBUTARY_DATA", root.toString());
        environment.putAll(added);
        return environment;
    }

    /**
     * Waits for the processes of a launcher that was killed, which their watchers are ending at this moment, and ends at last by
     * force what has lost its watcher too.
     *
     * @param cancelled asked a few times a second; true ends the wait
     */
    void awaitLeftovers(BooleanSupplier cancelled) throws IOException, InterruptedException {
        List<ProcessHandle> left = leftovers();
        long deadline = System.nanoTime() + LEFTOVERS_END_WITHIN.toNanos();
        while (left.stream().anyMatch(Leash::runs) && !cancelled.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                left.forEach(ProcessHandle::destroyForcibly);
            }
            Thread.sleep(50);
        }
    }

    private List<ProcessHandle> leftovers() throws IOException {
        List<ProcessHandle> left = new ArrayList<>();
        try (Stream<Path> files = Files.list(root.resolve("run"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".pid")).toList()) {
                Instant written = Files.getLastModifiedTime(file).toInstant();
                for (String id : Files.readAllLines(file)) {
                    process(id).filter(p -> startedAt(p, written)).ifPresent(left::add);
                }
            }
        }
        return left;
    }

    private static Optional<ProcessHandle> process(String id) {
        return id.matches("[0-9]{1,10}") ? ProcessHandle.of(Long.parseLong(id)) : Optional.empty();
    }

    /** Whether it is the process that the file was written about, not a later one with the same id. */
    private static boolean startedAt(ProcessHandle process, Instant written) {
        return process.info()
                .startInstant()
                .filter(start -> Duration.between(start, written).abs().compareTo(START_TOLERANCE) <= 0)
                .isPresent();
    }

    /** Deletes a file or a folder with all that is in it; fine where it is missing. Does not follow links. */
    static void delete(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(path, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE; // an ending process cleans up as well
                }
                throw e;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.deleteIfExists(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Gives the folder back to the next launcher. Idempotent. */
    @Override
    public void close() throws IOException {
        if (lockFile.isOpen()) {
            lockFile.close();
            TAKEN_HERE.remove(real);
        }
    }
}
