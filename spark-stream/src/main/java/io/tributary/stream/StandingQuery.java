package io.tributary.stream;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.DataStreamWriter;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.apache.spark.sql.streaming.StreamingQueryProgress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A query that goes on for ever: one that fails is started again from its checkpoint, after pauses of 1 s that double up to
 * 3 s and begin anew with progress. What it writes may be repeated, so that is always safe.
 */
final class StandingQuery {
    private static final Logger LOG = LoggerFactory.getLogger(StandingQuery.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(3);

    private final String name;
    private final SparkSession spark;
    private final List<Supplier<DataStreamWriter<Row>>> legs;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile @Nullable StreamingQuery running;
    private volatile String problem = "not started";
    private final AtomicInteger restarts = new AtomicInteger();

    /** @param legs one after the other on one checkpoint; all but the last end by themselves */
    StandingQuery(String name, SparkSession spark, List<Supplier<DataStreamWriter<Row>>> legs) {
        this.name = name;
        this.spark = spark;
        this.legs = List.copyOf(legs);
    }

    void begin() {
        Thread thread = new Thread(this::run, "query-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    String name() {
        return name;
    }

    /** Why no records are processed now; empty when they are. */
    Optional<String> problem() {
        StreamingQuery query = running;
        if (query == null || !query.isActive()) {
            return Optional.of(problem);
        }
        return query.status().message().startsWith("Initializing") ? Optional.of("initializing") : Optional.empty();
    }

    int restarts() {
        return restarts.get();
    }

    Optional<StreamingQueryProgress> lastProgress() {
        StreamingQuery query = running;
        return query == null ? Optional.empty() : Optional.ofNullable(query.lastProgress());
    }

    /** Ends it for good; a batch on its way is given up and repeated by the next start. */
    void stop() {
        stopping.countDown();
        StreamingQuery query = running;
        if (query != null) {
            try {
                query.stop();
            } catch (TimeoutException e) {
                LOG.warn("query={} state=not_stopped_in_time", name);
            }
        }
    }

    private void run() {
        SparkSession.setActiveSession(spark); // or row encoders do not see the session's settings
        spark.sparkContext().setLocalProperty("spark.scheduler.pool", name); // queries share the cores fairly
        Duration pause = FIRST_PAUSE;
        while (stopping.getCount() > 0) {
            String failure = runOnce();
            if (stopping.getCount() == 0) {
                return;
            }
            pause = lastProgress().isPresent() ? FIRST_PAUSE : pause;
            problem = "restarting: " + failure;

            LOG.warn(
                    "query={} state=restarting in={} restarts={} cause=\"{}\"",
                    name,
                    pause,
                    restarts.incrementAndGet(),
                    failure);
            try {
                if (stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            } catch (InterruptedException e) {
                return;
            }
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
        }
    }

    private String runOnce() {
        try {
            for (Supplier<DataStreamWriter<Row>> leg : legs) {
                if (stopping.getCount() > 0) {
                    StreamingQuery started = leg.get().start();
                    running = started;
                    LOG.info("query={} state=started id={}", name, started.id());
                    if (stopping.getCount() == 0) { // it may have come between the two
                        stop();
                    }
                    started.awaitTermination();
                }
            }
            return "it ended";
        } catch (StreamingQueryException | TimeoutException | RuntimeException e) {
            LOG.debug("query={} state=failed", name, e);
            return rootOf(e);
        }
    }

    /** The innermost cause in one line. */
    private static String rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        String text = root.toString().lines().findFirst().orElse("");
        return text.length() > 300 ? text.substring(0, 300) : text;
    }
}
