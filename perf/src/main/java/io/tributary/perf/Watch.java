package io.tributary.perf;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import io.tributary.schemas.SchemaRegistry;
import io.tributary.schemas.UserEvent;
import io.tributary.schemas.UserEventDecoder;
import io.tributary.schemas.UserEventDecoder.Undecodable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SynchronizedHistogram;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the topic beside the stream to know who comes, and asks Cassandra for one in {@link #ONE_USER_IN} users and for the
 * page of one in {@link #ONE_PAGE_IN} until the row is there. The time that counts is between the row's own {@code captured_at},
 * the ledger's clock on this machine, and the answer that had it: so it is too long by up to {@link #PAUSE} or a {@link
 * #FINENESS}th, never too short.
 */
final class Watch implements AutoCloseable {
    private static final int ONE_USER_IN = 100;
    private static final int ONE_PAGE_IN = 10;
    private static final Duration PAUSE = Duration.ofMillis(10);

    /** A row that is late is asked for less often: the reader must not be what makes it late. */
    private static final int FINENESS = 10;

    private static final Duration GIVEN_UP_AFTER = Duration.ofMinutes(2);
    private static final long LONGEST_MS = TimeUnit.MINUTES.toMillis(10);

    private final CqlSession session;
    private final PreparedStatement user;
    private final PreparedStatement page;
    private final UserEventDecoder decoder;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Histogram users = histogram();
    private final Histogram pages = histogram();
    private final Histogram published = histogram();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger records = new AtomicInteger();
    private volatile long fromMs = Long.MAX_VALUE;
    private volatile long untilMs = Long.MAX_VALUE;
    private volatile boolean closed;

    Watch(Bench bench, CqlSession session) {
        this.session = session;
        user = session.prepare("SELECT captured_at FROM tributary.users_by_id"
                + " WHERE user_id = ? AND run_id = ? AND page = ? AND position = ?");
        page = session.prepare("SELECT captured_at, users FROM tributary.page_sums WHERE run_id = ? AND page = ?");
        SchemaRegistry registry =
                new SchemaRegistry(bench.addresses().registryUrl().orElseThrow(), Duration.ofSeconds(10));
        decoder = new UserEventDecoder(id -> registry.byId(id).join().orElse(null));
        consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bench.addresses().kafkaBootstrap().orElseThrow()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> partitions = IntStream.range(
                        0, consumer.partitionsFor(Topics.USERS).size())
                .mapToObj(partition -> new TopicPartition(Topics.USERS, partition))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        Thread thread = new Thread(this::read, "watch");
        thread.setDaemon(true);
        thread.start();
    }

    private static Histogram histogram() {
        return new SynchronizedHistogram(LONGEST_MS, 3);
    }

    /** What is captured from now on counts. */
    void begin() {
        fromMs = System.currentTimeMillis();
    }

    /** What is captured from now on does not count. */
    void end() {
        untilMs = System.currentTimeMillis();
    }

    /** Waits for all rows that count. */
    void awaitAll() throws Exception {
        TimeUnit.SECONDS.sleep(2); // what was captured before the end is on the topic by now
        Bench.until(Duration.ofMillis(50), () -> open.get() == 0);
    }

    /** Records that count, seen on the topic. */
    int records() {
        return records.get();
    }

    /** Milliseconds from capture to the readable row of a user. */
    Histogram users() {
        return users;
    }

    /** Milliseconds from capture to a page sum that has all its users. */
    Histogram pages() {
        return pages;
    }

    /** Milliseconds from capture to the record read from the topic. */
    Histogram published() {
        return published;
    }

    private void read() {
        try {
            while (!closed) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(250))) {
                    seen(decoder.decode(record.value()));
                }
            }
        } catch (WakeupException e) {
            // closed
        } catch (Undecodable e) {
            throw new IllegalStateException("a record that is no user event", e);
        } finally {
            consumer.close();
        }
    }

    private void seen(UserEvent event) {
        long captured = event.capturedAt().toEpochMilli();
        if (captured < fromMs || captured >= untilMs) {
            return;
        }
        int number = records.incrementAndGet();
        if (number % ONE_USER_IN == 0) {
            published.recordValue(Math.max(0, System.currentTimeMillis() - captured));
            ask(new Asked(user.bind(event.user().userId(), event.runId(), event.page(), event.position()), 0, users));
        }
        if (event.position() == 0 && (event.runId().hashCode() + event.page()) % ONE_PAGE_IN == 0) {
            ask(new Asked(page.bind(event.runId(), event.page()), event.pageUsers(), pages));
        }
    }

    /** A row that is waited for; one of a page counts once it has all its {@code users}. */
    private record Asked(BoundStatement statement, int users, Histogram times, long sinceNanos) {
        Asked(BoundStatement statement, int users, Histogram times) {
            this(statement, users, times, System.nanoTime());
        }

        boolean isAnsweredBy(@Nullable Row row) {
            return row != null && (users == 0 || row.getInt("users") == users);
        }
    }

    private void ask(Asked asked) {
        open.incrementAndGet();
        again(asked);
    }

    private void again(Asked asked) {
        var unused = session.executeAsync(asked.statement()).whenComplete((answer, failure) -> {
            Row row = failure == null ? answer.one() : null;
            if (asked.isAnsweredBy(row) && row != null) {
                long captured =
                        Objects.requireNonNull(row.getInstant("captured_at")).toEpochMilli();
                asked.times().recordValue(Math.min(LONGEST_MS, Math.max(0, System.currentTimeMillis() - captured)));
                open.decrementAndGet();
            } else if (System.nanoTime() - asked.sinceNanos() > GIVEN_UP_AFTER.toNanos()) {
                asked.times().recordValue(LONGEST_MS); // seen in the maximum
                open.decrementAndGet();
            } else {
                long pause = Math.max(PAUSE.toNanos(), (System.nanoTime() - asked.sinceNanos()) / FINENESS);
                CompletableFuture.delayedExecutor(pause, TimeUnit.NANOSECONDS).execute(() -> again(asked));
            }
        });
    }

    @Override
    public void close() {
        closed = true;
        consumer.wakeup(); // its thread closes it
    }
}
