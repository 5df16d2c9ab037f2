package io.tributary.etl;

import io.tributary.etl.SseParser.Event;
import java.net.URI;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One connection's events, taken by one thread. Holds at most {@value #LINES_HELD} lines: what is not taken waits in the server,
 * whose business it is to leave out what is out of date.
 */
final class EventStream implements AutoCloseable {
    private static final int LINES_HELD = 16;

    /** A line, or the end of them. */
    private record Item(String line, boolean isEnd) {}

    private final URI base;
    private final Duration silence;
    private final BlockingQueue<Item> items = new ArrayBlockingQueue<>(LINES_HELD + 1); // + 1: the end always fits
    private final SseParser parser = new SseParser();
    private final Lines lines = new Lines();
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile int status = 200;
    private volatile Runnable cancel = () -> {};
    private long lastHeardNs = System.nanoTime();

    /** @param silence after which the connection is taken for dead; heartbeats count as words */
    EventStream(URI base, Duration silence) {
        this.base = base;
        this.silence = silence;
    }

    BodyHandler<Optional<String>> handler() {
        return response -> {
            status = response.statusCode();
            if (status != 200) {
                return BodySubscribers.mapping(BodySubscribers.ofString(StandardCharsets.UTF_8), body -> {
                    end(body);
                    return Optional.of(body);
                });
            }
            return BodySubscribers.fromLineSubscriber(lines, l -> Optional.empty(), StandardCharsets.UTF_8, null);
        };
    }

    void cancelBy(Runnable how) {
        cancel = how;
    }

    /** No line comes any more; {@code why} is a reason or, where the status is none of success, the body. */
    void end(String why) {
        if (ended.compareAndSet(false, true) && !items.offer(new Item(why, true))) {
            throw new IllegalStateException("more lines than were asked for");
        }
    }

    /**
     * Waits for the next event.
     *
     * @return empty where none came within {@code wait}
     * @throws ApiException where the stream has ended, was cut, is silent, or was refused
     */
    Optional<Event> next(Duration wait) throws InterruptedException {
        long until = System.nanoTime() + wait.toNanos();
        while (true) {
            long left = until - System.nanoTime();
            Item item = items.poll(Math.max(left, 0), TimeUnit.NANOSECONDS);
            if (item == null) {
                if (System.nanoTime() - lastHeardNs > silence.toNanos()) {
                    throw ApiException.unreachable(base, "silent for " + silence.toSeconds() + " s", null);
                }
                return Optional.empty();
            }
            lastHeardNs = System.nanoTime();
            if (item.isEnd()) {
                throw ended(item.line());
            }
            lines.oneMore();
            Optional<Event> event = parser.line(item.line());
            if (event.isPresent()) {
                return event;
            }
        }
    }

    private ApiException ended(String why) {
        return status == 200
                ? ApiException.unreachable(base, why, null)
                : ApiException.answered(status, ControlApi.problem(status, why));
    }

    @Override
    public void close() {
        cancel.run();
        lines.cancel();
    }

    /** Takes lines from the client as they are taken from us. */
    private final class Lines implements Flow.Subscriber<String> {
        private volatile Flow.@Nullable Subscription subscription;

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(LINES_HELD);
        }

        @Override
        public void onNext(String line) {
            if (!items.offer(new Item(line, false))) {
                throw new IllegalStateException("more lines than were asked for");
            }
        }

        @Override
        public void onError(Throwable failure) {
            end("the stream of events was cut");
        }

        @Override
        public void onComplete() {
            end("the stream of events has ended");
        }

        void oneMore() {
            Flow.Subscription given = subscription;
            if (given != null) {
                given.request(1);
            }
        }

        void cancel() {
            Flow.Subscription given = subscription;
            if (given != null) {
                given.cancel();
            }
        }
    }
}
