package io.tributary.stream.cassandra;

import com.datastax.dse.driver.api.core.cql.reactive.ReactiveRow;
import com.datastax.oss.driver.api.core.AllNodesFailedException;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DriverTimeoutException;
import com.datastax.oss.driver.api.core.RequestThrottlingException;
import com.datastax.oss.driver.api.core.connection.ClosedConnectionException;
import com.datastax.oss.driver.api.core.connection.HeartbeatException;
import com.datastax.oss.driver.api.core.cql.Statement;
import com.datastax.oss.driver.api.core.servererrors.QueryExecutionException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Statements of one task on their way to Cassandra, at most {@code bound} of them: who sends one more waits. A statement
 * whose outcome is unknown or that was refused for now is sent again, with growing pauses, until {@code retryFor} has
 * passed; that is harmless because each write is absolute and carries its own timestamp. Any other failure ends the task.
 */
final class InFlight {
    private static final Logger LOG = LoggerFactory.getLogger(InFlight.class);
    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 3_000;

    private final CqlSession session;
    private final int bound;
    private final Duration retryFor;
    private final Semaphore free;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final AtomicBoolean retrySaid = new AtomicBoolean();
    private final AtomicLong taken = new AtomicLong();
    private final AtomicLong takenNanos = new AtomicLong();
    private final AtomicLong retries = new AtomicLong();
    private long sent;
    private int most;

    InFlight(CqlSession session, int bound, Duration retryFor) {
        this.session = session;
        this.bound = bound;
        this.retryFor = retryFor;
        this.free = new Semaphore(bound);
    }

    /** Sends without waiting for the answer, but for a place; fails when an earlier statement of this task has. */
    void send(Statement<?> statement) throws IOException {
        acquire(1);
        throwIfFailed();
        sent++;
        most = Math.max(most, bound - free.availablePermits());
        new Attempts(statement).send();
    }

    /** Returns when everything sent is answered; fails when one statement has. */
    void drain() throws IOException {
        acquire(bound);
        free.release(bound);
        throwIfFailed();
    }

    /** From now on nothing is sent again. */
    void abandon() {
        failure.compareAndSet(null, new IOException("abandoned"));
    }

    /** As it is now; {@code open} statements are not sent yet. */
    CustomTaskMetric[] metrics(int open) {
        long answered = taken.get();
        long meanMicros = answered == 0 ? 0 : takenNanos.get() / answered / 1_000;
        return new CustomTaskMetric[] {
            SinkMetric.of(SinkMetric.WRITES, sent + open),
            SinkMetric.of(SinkMetric.RETRIES, retries.get()),
            SinkMetric.of(SinkMetric.IN_FLIGHT, most),
            SinkMetric.of(SinkMetric.LATENCY, meanMicros)
        };
    }

    private void acquire(int places) throws IOException {
        try {
            free.acquire(places);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted with statements in flight");
        }
    }

    private void throwIfFailed() throws IOException {
        Throwable cause = failure.get();
        if (cause != null) {
            throw new IOException("Cassandra did not take a write: " + cause, cause);
        }
    }

    /** Whether the same statement may succeed a moment later; whether it was executed is unknown then. */
    static boolean mayPass(Throwable failure) {
        return failure instanceof DriverTimeoutException
                || failure instanceof AllNodesFailedException
                || failure instanceof QueryExecutionException // timeouts, unavailable, overloaded, a server's own error
                || failure instanceof ClosedConnectionException
                || failure instanceof HeartbeatException
                || failure instanceof RequestThrottlingException;
    }

    /** One statement until it is settled; holds its place all the time. */
    private final class Attempts implements Subscriber<ReactiveRow>, Runnable {
        private final Statement<?> statement;
        private final long begun = System.nanoTime();
        private final long deadline = begun + retryFor.toNanos();
        private long pauseMs = FIRST_PAUSE_MS;

        Attempts(Statement<?> statement) {
            this.statement = statement;
        }

        void send() {
            try {
                session.executeReactive(statement).subscribe(this);
            } catch (RuntimeException e) { // a closed session throws here
                onError(e);
            }
        }

        @Override
        public void run() {
            if (failure.get() == null) {
                send();
            } else {
                free.release();
            }
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE); // a write answers with no rows
        }

        @Override
        public void onNext(ReactiveRow row) {}

        @Override
        public void onComplete() {
            takenNanos.addAndGet(System.nanoTime() - begun);
            taken.incrementAndGet();
            free.release();
        }

        @Override
        public void onError(Throwable cause) {
            if (failure.get() == null && mayPass(cause) && System.nanoTime() < deadline) {
                if (retrySaid.compareAndSet(false, true)) {
                    LOG.warn("cassandra=retrying for={} cause=\"{}\"", retryFor, cause.toString());
                }
                retries.incrementAndGet();
                long jittered = ThreadLocalRandom.current().nextLong(pauseMs / 2, pauseMs + 1);
                pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
                CompletableFuture.delayedExecutor(jittered, TimeUnit.MILLISECONDS)
                        .execute(this);
            } else {
                failure.compareAndSet(null, cause);
                free.release();
            }
        }
    }
}
