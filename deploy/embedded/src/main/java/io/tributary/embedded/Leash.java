package io.tributary.embedded;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One process that never outlives this JVM, not even one that was killed with -9: {@code leash.sh} becomes the command and leaves
 * a watcher at the other end of a pipe that only this JVM holds. Both are in a session of their own, so that neither Ctrl-C in a
 * terminal nor a signal to the launcher's process group reaches them.
 *
 * <p>The command's id and exit status are its own. Not thread-safe but for {@link #close()}.
 */
final class Leash implements Closeable {
    /** What the command is asked first. */
    enum Stop {
        TERM,
        /** PostgreSQL: end the sessions too; {@code TERM} would wait for its clients. */
        INT
    }

    /** The watcher's own bound is 10 s + 6 s; after that it is our turn. */
    private static final Duration STOPPED_WITHIN = Duration.ofSeconds(18);

    private static final Duration WATCHER_ENDS_WITHIN = Duration.ofSeconds(2);

    private final Process process;
    private final Path pidFile;

    private Leash(Process process, Path pidFile) {
        this.process = process;
        this.pidFile = pidFile;
    }

    /**
     * Starts a command with nothing of this JVM's environment but what is given here.
     *
     * @param log gets standard output and error, appended
     * @param pidFile gets the ids of watcher and command, one a line, before the command runs
     */
    static Leash start(
            Path script,
            Path pidFile,
            Path log,
            Stop stop,
            Path workDir,
            Map<String, String> environment,
            List<String> command)
            throws IOException {
        List<String> line =
                new ArrayList<>(List.of("/bin/sh", script.toString(), pidFile.toString(), log.toString(), stop.name()));
        line.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(line).directory(workDir.toFile());
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().clear();
        builder.environment().putAll(environment);
        Files.deleteIfExists(pidFile);
        return new Leash(builder.start(), pidFile);
    }

    /** Writes the script that {@link #start} runs, whole or not at all: another leash may be reading the old one. */
    static void writeScript(Path script) throws IOException {
        Path fresh = script.resolveSibling(script.getFileName() + ".new");
        try (InputStream source = Leash.class.getResourceAsStream("/embedded/leash.sh")) {
            if (source == null) {
                throw new IOException("leash.sh is missing from the class path");
            }
            Files.copy(source, fresh, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.move(fresh, script, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Waits for the end of the command, at most that long; returns whether it has ended. */
    boolean endsWithin(Duration time) throws InterruptedException {
        return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Waits for the end of the command and of its watcher; returns the exit status, 128 + n for signal n. */
    int waitFor() throws InterruptedException {
        int exit = process.waitFor();
        releaseWatcher();
        return exit;
    }

    /** SIGKILL to the command itself, as a crash would end it; returns once it is gone. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        waitFor();
    }

    /**
     * Has the watcher stop the command and waits for the end of both, at most {@link #STOPPED_WITHIN}. Interruption does not
     * shorten it, because nothing may be left behind; the flag is kept. Idempotent.
     */
    @Override
    public void close() {
        boolean interrupted = false;
        try {
            process.getOutputStream().close(); // end of file: the watcher begins
        } catch (IOException e) {
            // the watcher is gone already; destroyForcibly below ends the command
            process.destroyForcibly();
        }
        long deadline = System.nanoTime() + STOPPED_WITHIN.toNanos();
        while (process.isAlive()) {
            try {
                long left = deadline - System.nanoTime();
                if (left <= 0 || process.waitFor(left, TimeUnit.NANOSECONDS)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (process.isAlive()) {
            process.destroyForcibly();
        }
        releaseWatcher();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Tells the watcher that there is nothing left to watch and waits for its end, a moment. */
    private void releaseWatcher() {
        try (OutputStream toWatcher = process.getOutputStream()) {
            toWatcher.write("gone\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            // closed before, or the watcher has ended: both mean that it needs no word from us
        }
        long deadline = System.nanoTime() + WATCHER_ENDS_WITHIN.toNanos();
        while (watcher().filter(Leash::runs).isPresent() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(2_000_000);
        }
    }

    /** An ended process that init has not buried yet counts as alive for Java, but has no command any more. */
    static boolean runs(ProcessHandle process) {
        return process.isAlive() && process.info().command().isPresent();
    }

    /** Nobody's child by design, hence only known from the file; empty where the script ended before it wrote it. */
    private Optional<ProcessHandle> watcher() {
        try {
            List<String> ids = Files.readAllLines(pidFile);
            return ids.size() == 2 && Long.parseLong(ids.get(1)) == process.pid()
                    ? ProcessHandle.of(Long.parseLong(ids.get(0)))
                    : Optional.empty();
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }
}
