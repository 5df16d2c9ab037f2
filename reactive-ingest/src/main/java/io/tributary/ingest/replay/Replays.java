package io.tributary.ingest.replay;

import io.tributary.ingest.ledger.RunLedger;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.IngestException;
import io.tributary.ingest.model.Run;
import io.tributary.ingest.replay.Replay.State;
import io.tributary.ingest.replay.ReplayRefused.Reason;
import io.tributary.ingest.sink.RecordTopics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.retry.Retry;

/**
 * Publishes runs again from their stored responses: read back page by page, one page held at a time for all replays together
 * (see {@code Limits}). Whoever asks only puts a replay in line; {@link #work} does them.
 *
 * <p>What is known of replays is in memory, the latest {@code REMEMBERED}: a replay ends with its process, CANCELLED where
 * that drains, and may then simply be asked for again, because every record of it is the same.
 */
public final class Replays {
    static final int REMEMBERED = 100;
    /** At work and in line. */
    static final int AT_ONCE = 2;

    private static final Logger LOG = LoggerFactory.getLogger(Replays.class);
    private static final Pattern TOPIC = Pattern.compile("[a-zA-Z0-9._-]{1,249}");
    private static final Retry AGAIN = Retry.backoff(5, Duration.ofMillis(200))
            .maxBackoff(Duration.ofSeconds(10))
            .filter(IngestException::mayPass)
            .onRetryExhaustedThrow((spec, signal) -> signal.failure());

    private final RunLedger ledger;
    private final RecordTopics topics;
    private final String usualTopic;
    private final InstantSource clock;
    private final Supplier<UUID> ids;
    private final Map<UUID, Replay> known = new LinkedHashMap<>();
    private final Sinks.Many<UUID> line =
            Sinks.many().unicast().onBackpressureBuffer(new ArrayBlockingQueue<>(AT_ONCE));

    /** @param usualTopic where runs are published to */
    public Replays(RunLedger ledger, RecordTopics topics, String usualTopic, InstantSource clock, Supplier<UUID> ids) {
        this.ledger = ledger;
        this.topics = topics;
        this.usualTopic = usualTopic;
        this.clock = clock;
        this.ids = ids;
    }

    /**
     * Puts a replay in line. Errors with {@link ReplayRefused}, or with {@code PublishFailed} when there can be no such topic.
     *
     * @param topic null: where runs are published to
     */
    public Mono<Replay> start(Run run, @Nullable String topic) {
        return Mono.defer(() -> {
            String target = checked(topic == null ? usualTopic : topic);
            return topics.ensure(target).then(Mono.fromSupplier(() -> inLine(run, target)));
        });
    }

    private String checked(String topic) {
        if (!TOPIC.matcher(topic).matches() || topic.equals(".") || topic.equals("..")) {
            throw new ReplayRefused(Reason.TOPIC, "expected 1 to 249 of a-z, A-Z, 0-9, dot, underscore and hyphen");
        }
        if (topic.startsWith("__") || topic.equals(usualTopic + ".dlq")) {
            throw new ReplayRefused(Reason.TOPIC, "not a topic for records of users");
        }
        return topic;
    }

    private synchronized Replay inLine(Run run, String topic) {
        long running = known.values().stream().filter(Replays::isRunning).count();
        if (known.values().stream().anyMatch(one -> isRunning(one) && one.run().equals(run.id()))) {
            throw new ReplayRefused(Reason.RUNNING, "this run is being published again already");
        }
        if (running >= AT_ONCE) {
            throw new ReplayRefused(Reason.BUSY, "other replays are running");
        }
        Replay replay =
                new Replay(ids.get(), run.id(), topic, State.RUNNING, 0, run.pages(), 0, clock.instant(), null, null);
        known.put(replay.id(), replay);
        if (known.size() > REMEMBERED) { // the oldest; the one or two that run are among the newest or long since ended
            known.values().stream().filter(one -> !isRunning(one)).findFirst().ifPresent(one -> known.remove(one.id()));
        }
        line.tryEmitNext(replay.id()).orThrow();
        return replay;
    }

    /** A replay by its id. */
    public synchronized Optional<Replay> find(UUID id) {
        return Optional.ofNullable(known.get(id));
    }

    /** Of those that are known, newest first. */
    public synchronized List<Replay> newest(int limit) {
        List<Replay> all = new ArrayList<>(known.values());
        Collections.reverse(all);
        return List.copyOf(all.subList(0, Math.min(limit, all.size())));
    }

    private static boolean isRunning(Replay replay) {
        return replay.state() == State.RUNNING;
    }

    /** Hot, once: does what is in line until it is cancelled. Each replay's end is an item; never errors. */
    public Flux<Replay> work() {
        return line.asFlux().concatMap(this::replay, 1).doFinally(end -> cancelAll());
    }

    private Mono<Replay> replay(UUID id) {
        Replay begun = find(id).orElseThrow();
        return Flux.range(1, begun.pagesTotal())
                .concatMap(page -> publish(begun, page), 1)
                .then(Mono.fromSupplier(() -> end(id, State.COMPLETE, null)))
                .onErrorResume(e -> Mono.fromSupplier(() -> end(id, State.FAILED, cause(e))));
    }

    private Mono<CapturedPage> publish(Replay replay, int number) {
        return ledger.original(replay.run(), number)
                .flatMap(page ->
                        topics.publish(page, replay.topic(), replay.id()).thenReturn(page))
                .retryWhen(AGAIN)
                .doOnNext(page ->
                        update(replay.id(), now -> now.published(page.events().size())));
    }

    private static String cause(Throwable failure) {
        if (failure instanceof IngestException known) {
            LOG.warn("event=replay-failed reason={}", failure.toString());
            return known.isTransient() ? "a server that is needed for this does not answer" : "a record was refused";
        }
        LOG.error("event=replay-failed", failure);
        return "this is a bug; the log has it";
    }

    private Replay end(UUID id, State state, @Nullable String cause) {
        Replay ended = update(id, now -> now.ended(state, clock.instant(), cause));
        LOG.info(
                "event=replay-ended replay={} run={} topic={} state={} pages={} records={}",
                id,
                ended.run(),
                ended.topic(),
                state,
                ended.pages(),
                ended.records());
        return ended;
    }

    private synchronized Replay update(UUID id, UnaryOperator<Replay> change) {
        Replay changed = change.apply(find(id).orElseThrow());
        known.put(id, changed);
        return changed;
    }

    private void cancelAll() {
        Collection<Replay> running;
        synchronized (this) {
            running = known.values().stream().filter(Replays::isRunning).toList();
        }
        running.forEach(one -> end(one.id(), State.CANCELLED, null));
    }
}
