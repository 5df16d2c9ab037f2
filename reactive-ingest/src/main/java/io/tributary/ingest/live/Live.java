package io.tributary.ingest.live;

import io.tributary.ingest.ledger.RunBoard;
import io.tributary.ingest.live.Snapshot.RunRow;
import io.tributary.ingest.metrics.IngestReading;
import io.tributary.ingest.model.IngestException;
import io.tributary.ingest.model.PageState;
import io.tributary.ingest.model.RunProgress;
import io.tributary.ingest.reconcile.CountedUsers;
import io.tributary.ingest.reconcile.WindowQuery;
import io.tributary.ingest.reconcile.Windows;
import io.tributary.ingest.replay.Replay;
import io.tributary.ingest.replay.Replays;
import io.tributary.ingest.sink.kafka.TopicProgress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Looks at everything for as long as somebody watches. Each server is asked by itself, again only when it has answered: one
 * that stands still has one question of ours, and is told as not known after {@link #OLD}, beside what the others say.
 *
 * @param ingest this process
 * @param servers which of them answer, each within a second
 * @param topic how far Kafka and the stream are
 * @param slots pages that ingest works on at once
 */
public record Live(
        String instance,
        int slots,
        Supplier<IngestReading> ingest,
        Supplier<Mono<Map<String, Optional<String>>>> servers,
        RunBoard board,
        CountedUsers counted,
        Supplier<Mono<TopicProgress>> topic,
        Windows windows,
        Replays replays,
        InstantSource clock) {

    /** Shown, at most. */
    public static final int WINDOWS = 8;

    private static final Logger LOG = LoggerFactory.getLogger(Live.class);

    /** Before the first snapshot: servers that are well have answered by then. */
    private static final Duration FIRST = Duration.ofMillis(300);

    /** Between an answer and the next question. With the second that a server may take, one that died is told within two. */
    private static final Duration SERVERS = Duration.ofMillis(500);

    private static final Duration QUESTIONS = Duration.ofMillis(800);

    /** Windows are summed up by Cassandra from up to 25,200 rows each. */
    private static final Duration OF_WINDOWS = Duration.ofSeconds(3);

    /** An answer that is older says nothing about now. */
    static final Duration OLD = Duration.ofSeconds(4);

    private static final Duration OLD_WINDOWS = Duration.ofSeconds(20);

    /** Runs that Cassandra is asked about in one look, the newest of those that are not settled. */
    private static final int COUNTED_AT_ONCE = 8;

    private static final Duration REPLAYS_SHOWN = Duration.ofMinutes(5);
    private static final int REPLAYS = 10;

    /**
     * Cold, never ends. A snapshot after {@link #FIRST} and then every {@code every}; one that is not asked for in time is left
     * out. Does not error but for bugs.
     */
    public Flux<Snapshot> watch(Duration every, Scheduler scheduler) {
        return Flux.defer(() -> {
            Seen seen = new Seen(slots, scheduler);
            return Flux.merge(
                    Flux.interval(FIRST, every, scheduler).onBackpressureDrop().map(tick -> snapshot(seen)),
                    again("servers", Mono.defer(servers).doOnNext(seen.servers::set), SERVERS, seen.servers, scheduler),
                    again("kafka", Mono.defer(topic).doOnNext(seen.topic::set), QUESTIONS, seen.topic, scheduler),
                    again("ledger", ledger(seen), QUESTIONS, seen.rows, scheduler),
                    again("cassandra", counts(seen), QUESTIONS, seen.counts, scheduler),
                    again("windows", windows(seen), OF_WINDOWS, seen.windows, scheduler));
        });
    }

    /** The question for ever, one at a time; what it fails with is told as not known. */
    private static <T> Flux<Snapshot> again(
            String what, Mono<?> question, Duration pause, Latest<T> latest, Scheduler scheduler) {
        return question.onErrorResume(failure -> {
                    latest.forget();
                    if (!(failure instanceof IngestException)) {
                        LOG.error("event=look-failed what={}", what, failure);
                    }
                    return Mono.empty();
                })
                .repeatWhen(rounds -> rounds.concatMap(round -> Mono.delay(pause, scheduler), 1))
                .thenMany(Flux.empty());
    }

    private Mono<?> ledger(Seen seen) {
        return Mono.defer(() -> board.look(seen.known)).doOnNext(seen::rows);
    }

    /** Those that Cassandra has counted whole are not asked about again. */
    private Mono<?> counts(Seen seen) {
        return Flux.defer(() -> Flux.fromIterable(seen.rows.value().orElse(List.of())))
                .map(RunBoard.Row::progress)
                .filter(progress -> !seen.isSettled(progress))
                .take(COUNTED_AT_ONCE)
                .concatMap(progress -> counted.counted(progress.run().id())
                        .doOnNext(users -> seen.counted(progress.run().id(), users)))
                .then(Mono.fromRunnable(() -> seen.counts.set(true)));
    }

    private Mono<?> windows(Seen seen) {
        return windows.latest(WindowQuery.counted(WINDOWS))
                .collectList() // at most that many
                .doOnNext(seen.windows::set);
    }

    private Snapshot snapshot(Seen seen) {
        Instant now = clock.instant();
        Optional<List<RunBoard.Row>> rows = seen.rows.within(OLD);
        boolean counts = seen.counts.within(OLD).isPresent();
        Look look = new Look(
                seen.nowMs(),
                ingest.get(),
                seen.servers.within(OLD).orElse(Map.of()),
                seen.topic.within(OLD),
                counts ? Optional.of(seen.countedInAll()) : Optional.empty(),
                counts ? rows.map(seen::uncounted) : Optional.empty(),
                rows.map(Live::hasOpenPages).orElse(true));
        return new Snapshot(
                now,
                instance,
                seen.stages.next(look),
                look.ingest().source(),
                look.servers(),
                rows.map(all -> all.stream()
                        .map(row -> new RunRow(
                                row, seen.countOf(row.progress().run().id())))
                        .toList()),
                replays(now),
                seen.windows.within(OLD_WINDOWS),
                look.topic().map(TopicProgress::setAside).orElse(null));
    }

    private List<Replay> replays(Instant now) {
        return replays.newest(REPLAYS).stream()
                .filter(replay -> replay.endedAt() == null
                        || replay.endedAt().plus(REPLAYS_SHOWN).isAfter(now))
                .toList();
    }

    private static boolean hasOpenPages(List<RunBoard.Row> rows) {
        return rows.stream()
                .map(RunBoard.Row::progress)
                .filter(progress -> !progress.run().state().isFinal())
                .anyMatch(progress -> open(progress) > 0);
    }

    private static int open(RunProgress progress) {
        return progress.pages().getOrDefault(PageState.PLANNED, 0)
                + progress.pages().getOrDefault(PageState.LEASED, 0)
                + progress.pages().getOrDefault(PageState.CAPTURED, 0);
    }
}
