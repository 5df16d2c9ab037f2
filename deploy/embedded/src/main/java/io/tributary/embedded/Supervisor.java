package io.tributary.embedded;

import io.tributary.embedded.EmbeddedStack.Part;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one part running on one thread: start, wait until ready, wait for the end, start again within {@link RestartBudget}.
 *
 * <pre>
 * STOPPED --start--> STARTING --ready--> UP --death--> STARTING ...
 *    ^                  |                |
 *    +------- stop, from any state ------+     STARTING --budget or time used up--> BROKEN (final until stop)
 * </pre>
 *
 * Thread-safe. Nothing is restarted once {@link #stop()} was called.
 */
final class Supervisor {
    /**
     * How long it is tried.
     *
     * @param readyWithin from being asked for to being ready, restarts included
     * @param firstPause before the first restart, see {@link RestartBudget}
     */
    record Patience(Duration readyWithin, Duration firstPause) {
        static final Patience USUAL = new Patience(Duration.ofMinutes(2), Duration.ofMillis(500));
    }

    private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);
    private static final Duration PROBE_PAUSE = Duration.ofMillis(100);

    private enum State {
        STOPPED,
        STARTING,
        UP,
        BROKEN
    }

    private final Server server;
    private final DataDir dataDir;
    private final StackListener listener;
    private final Patience patience;

    private State state = State.STOPPED;
    private boolean stopping;
    private @Nullable Thread thread;
    private @Nullable Leash leash;
    private @Nullable StackFailed failure;
    private CompletableFuture<Duration> ready = new CompletableFuture<>();

    Supervisor(Server server, DataDir dataDir, StackListener listener, Patience patience) {
        this.server = server;
        this.dataDir = dataDir;
        this.listener = listener;
        this.patience = patience;
    }

    Part part() {
        return server.part();
    }

    Path log() {
        return dataDir.log(part());
    }

    /** Begins, without waiting; a part that runs is left alone. */
    synchronized void start() {
        if (thread == null) {
            stopping = false;
            failure = null;
            state = State.STARTING;
            ready = new CompletableFuture<>();
            CompletableFuture<Duration> outcome = ready;
            Thread fresh = new Thread(() -> keepRunning(outcome), "part-" + part().label());
            fresh.setDaemon(true);
            thread = fresh;
            fresh.start();
        }
    }

    /** The time from the last {@link #start()} to ready; {@link StackFailed} where it broke or was stopped before. */
    synchronized CompletableFuture<Duration> ready() {
        return ready;
    }

    /** The id of the process that serves now. */
    synchronized OptionalLong pid() {
        Leash held = leash;
        return held == null || !held.isAlive() ? OptionalLong.empty() : OptionalLong.of(held.pid());
    }

    /** Ends the process as a crash would; returns when it is gone, with the restart still to come. */
    void kill() throws InterruptedException {
        Leash victim;
        synchronized (this) {
            victim = leash;
            if (victim == null || state != State.UP) {
                throw new IllegalStateException(part().label() + " is not up");
            }
            state = State.STARTING;
        }
        victim.kill();
    }

    /** Waits until the part is ready (again); {@link StackFailed} where it breaks, is stopped or takes too long. */
    synchronized void awaitReady() throws InterruptedException {
        long deadline = System.nanoTime() + patience.readyWithin().toNanos();
        while (state == State.STARTING) {
            long leftMs = (deadline - System.nanoTime()) / 1_000_000;
            if (leftMs <= 0) {
                throw failed("not ready after " + patience.readyWithin().toSeconds() + " s", null);
            }
            wait(leftMs);
        }
        if (state != State.UP) {
            StackFailed known = failure;
            throw known == null ? failed("stopped", null) : known;
        }
    }

    /** Ends the part and its thread; bounded by {@link Leash#close()}. Idempotent; does not hurry when interrupted. */
    void stop() {
        Thread worker;
        Leash held;
        synchronized (this) {
            stopping = true;
            worker = thread;
            held = leash;
            notifyAll();
        }
        if (worker == null) {
            return;
        }
        worker.interrupt();
        if (held != null) {
            held.close();
        }
        boolean interrupted = false;
        while (worker.isAlive()) {
            try {
                worker.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        synchronized (this) {
            if (thread == worker) {
                thread = null;
                state = State.STOPPED;
            }
            notifyAll();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void keepRunning(CompletableFuture<Duration> first) {
        RestartBudget budget = new RestartBudget(patience.firstPause());
        long asked = System.nanoTime();
        try {
            while (true) {
                int exit = once(first, asked);
                Optional<Duration> pause = budget.afterDeathAt(Duration.ofNanos(System.nanoTime()));
                if (isStopping()) {
                    return;
                }
                if (pause.isEmpty()) {
                    String often = "ended " + (RestartBudget.RESTARTS + 1) + " times within "
                            + RestartBudget.WINDOW.toSeconds() + " s, last with exit status " + exit;
                    throw failed(often, null);
                }
                LOG.warn(
                        "part={} event=died exit={} restart_in_ms={} log={}",
                        part().label(),
                        exit,
                        pause.get().toMillis(),
                        log());
                listener.died(part(), exit, log(), pause.get());
                if (first.isDone()) {
                    asked = System.nanoTime(); // the bound of the first start is not that of the later ones
                }
                if (pauseUnlessStopping(pause.get())) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            // only stop() interrupts this thread
        } catch (StackFailed e) {
            breakDown(first, e);
        } catch (Exception e) {
            breakDown(first, failed("can not be started: " + e, e));
        } finally {
            first.completeExceptionally(failed("stopped before it was ready", null));
        }
    }

    /** One life of the process; returns its exit status. */
    private int once(CompletableFuture<Duration> first, long asked) throws Exception {
        listener.starting(part());
        server.prepare();
        Leash own = launch();
        try {
            if (awaken(own, asked)) {
                Duration took = Duration.ofNanos(System.nanoTime() - asked);
                LOG.info("part={} event=ready ms={} pid={}", part().label(), took.toMillis(), own.pid());
                listener.ready(part(), took); // first: who waits for the part finds the books up to date
                up();
                first.complete(took);
            }
            return own.waitFor();
        } finally {
            own.close();
            down();
        }
    }

    private Leash launch() throws Exception {
        Leash fresh = dataDir.run(server);
        synchronized (this) {
            leash = fresh;
            state = State.STARTING;
            if (!stopping) {
                return fresh;
            }
        }
        fresh.close(); // stop() came while the process was being made and could not see it
        throw new InterruptedException();
    }

    /** False where the process ended first. */
    private boolean awaken(Leash own, long asked) throws InterruptedException {
        Exception last = null;
        while (!own.endsWithin(PROBE_PAUSE)) {
            try {
                server.awaken();
                if (own.isAlive()) {
                    return true;
                }
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                if (Thread.interrupted()) {
                    throw (InterruptedException) new InterruptedException().initCause(e);
                }
                last = e;
            }
            if (System.nanoTime() - asked > patience.readyWithin().toNanos()) {
                throw failed("not ready after " + patience.readyWithin().toSeconds() + " s (" + last + ")", last);
            }
        }
        return false;
    }

    private synchronized void up() {
        state = State.UP;
        notifyAll();
    }

    private synchronized void down() {
        if (state == State.UP) {
            state = State.STARTING;
        }
        notifyAll();
    }

    private void breakDown(CompletableFuture<Duration> first, StackFailed why) {
        synchronized (this) {
            if (stopping) {
                return;
            }
            state = State.BROKEN;
            failure = why;
            notifyAll();
        }
        LOG.error("part={} event=broken log={} why={}", part().label(), log(), why.getMessage());
        listener.broken(why);
        first.completeExceptionally(why);
    }

    private synchronized boolean isStopping() {
        return stopping;
    }

    private synchronized boolean pauseUnlessStopping(Duration pause) throws InterruptedException {
        long deadline = System.nanoTime() + pause.toNanos();
        long leftMs = pause.toMillis();
        while (!stopping && leftMs > 0) {
            wait(leftMs);
            leftMs = (deadline - System.nanoTime()) / 1_000_000;
        }
        return stopping;
    }

    private StackFailed failed(String why, @Nullable Exception cause) {
        return StackFailed.of(part(), log(), why, cause);
    }
}
