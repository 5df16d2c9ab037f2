package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.cql.Row;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** Looks once a second at every page of the run and every group of its windows. */
final class Numbers {
    private final ScheduledExecutorService every = Executors.newSingleThreadScheduledExecutor();
    private final Map<List<Object>, Long> seen =
            new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
    private final AtomicReference<String> fell = new AtomicReference<>("");
    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicInteger unanswered = new AtomicInteger();
    private final AtomicLong rows = new AtomicLong();
    private final CqlSession cassandra;
    private final UUID run;

    /** Begins to look; ends the session with {@link #end}. */
    Numbers(CqlSession cassandra, UUID run) {
        this.cassandra = cassandra;
        this.run = run;
        every.scheduleWithFixedDelay(this::look, 0, 1, TimeUnit.SECONDS);
    }

    private void look() {
        try {
            for (Row row : cassandra.execute("SELECT page, users FROM tributary.page_sums WHERE run_id = " + run)) {
                compare(List.of("page", row.getInt("page")), row.getInt("users"));
            }
            Map<List<Object>, Long> windows = new HashMap<>();
            for (Row row :
                    cassandra.execute("SELECT window_start, nationality, gender, users FROM tributary.window_users")) {
                windows.merge(
                        List.of(row.getInstant(0), row.getString(1), row.getString(2)),
                        (long) row.getInt(3),
                        Long::sum);
            }
            windows.forEach(this::compare);
            looks.incrementAndGet();
        } catch (DriverException e) { // killed a moment ago: the next look says
            unanswered.incrementAndGet();
        }
    }

    private void compare(List<Object> what, long users) {
        rows.incrementAndGet();
        Long before = seen.put(what, users);
        if (before != null && before > users) {
            fell.accumulateAndGet(what + " from " + before + " to " + users + "; ", String::concat);
        }
    }

    /** What fell, empty when nothing did. */
    String end() throws InterruptedException {
        every.shutdown();
        assertThat(every.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        cassandra.close();
        System.out.println("reader looks=" + looks + " unanswered=" + unanswered + " numbers=" + rows);
        assertThat(looks.get()).isPositive();
        return fell.get();
    }
}
