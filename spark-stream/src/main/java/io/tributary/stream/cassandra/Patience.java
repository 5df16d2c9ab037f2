package io.tributary.stream.cassandra;

import com.datastax.oss.driver.api.core.DriverException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A question to Cassandra that is asked again, every 500 ms, as long as it may be answered a moment later. */
public final class Patience {
    private static final Duration PAUSE = Duration.ofMillis(500);

    private Patience() {}

    /**
     * The answer. On a busy machine Cassandra gives up a statement after 2 to 10 s, and whether it was executed is unknown then: so
     * this is for what may be executed twice.
     *
     * @param longest after which it is not asked again
     * @param question what it throws and waiting does not mend passes through
     * @throws UncheckedIOException when the time is over, with the last failure
     */
    public static <T> T ask(Duration longest, Supplier<T> question) {
        long deadline = System.nanoTime() + longest.toNanos();
        while (true) {
            try {
                return question.get();
            } catch (DriverException | CompletionException e) {
                Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
                if (!InFlight.mayPass(cause)) {
                    throw e;
                }
                if (System.nanoTime() > deadline) {
                    throw new UncheckedIOException(
                            new IOException("Cassandra did not answer within " + longest + ": " + cause, cause));
                }
                pause();
            }
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new InterruptedIOException("interrupted while waiting for Cassandra"));
        }
    }
}
