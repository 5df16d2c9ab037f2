package io.tributary.ingest.api;

import io.tributary.ingest.ledger.RunLedger;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.FetchedPage;
import io.tributary.ingest.model.Lease;
import io.tributary.ingest.model.NewRun;
import io.tributary.ingest.model.PageState;
import io.tributary.ingest.model.PageSum;
import io.tributary.ingest.model.Run;
import io.tributary.ingest.model.RunProgress;
import io.tributary.ingest.model.RunState;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The part of the ledger that the control API talks to, in memory. Its answers can be replaced by failures. */
final class FakeLedger implements RunLedger {
    static final Instant CREATED = Instant.parse("2026-07-01T12:00:00Z");

    final AtomicInteger looks = new AtomicInteger();
    /** What a look at a run comes to, instead of what is held. */
    volatile UnaryOperator<Mono<RunProgress>> looking = found -> found;
    /** What creating comes to, instead of what is done. */
    volatile UnaryOperator<Mono<Created>> creating = created -> created;

    private final Map<String, NewRun> asked = new HashMap<>();
    private final Map<String, UUID> byKey = new HashMap<>();
    private final Map<UUID, RunProgress> runs = new LinkedHashMap<>();

    @Override
    public Mono<Created> create(NewRun run) {
        return Mono.defer(() -> creating.apply(Mono.fromSupplier(() -> createNow(run))));
    }

    private synchronized Created createNow(NewRun run) {
        NewRun before = asked.putIfAbsent(run.idempotencyKey(), run);
        if (before != null) {
            return new Created(runs.get(byKey.get(run.idempotencyKey())).run(), false, before.equals(run));
        }
        Run created = new Run(
                new UUID(0, runs.size() + 1),
                RunState.RUNNING,
                run.windowStart(),
                run.windowEnd(),
                run.users(),
                run.pageSize(),
                run.seed() == null && run.gender() == null ? "chosen" : run.seed(),
                run.nationalities(),
                run.gender(),
                CREATED,
                null);
        byKey.put(run.idempotencyKey(), created.id());
        hold(progress(created, 0));
        return new Created(created, true, true);
    }

    static Run run(long number, RunState state) {
        return new Run(
                new UUID(0, number),
                state,
                Instant.parse("2026-01-01T00:00:00Z"),
                Instant.parse("2026-01-01T00:05:00Z"),
                1_000,
                100,
                "abc",
                List.of("FR", "US"),
                null,
                CREATED,
                state.isFinal() ? CREATED.plusSeconds(60) : null);
    }

    /** A run with so many users captured, stored and published, three of them dead. */
    static RunProgress progress(Run run, long captured) {
        return new RunProgress(
                run,
                Map.of(PageState.COMPLETE, (int) captured / 100),
                captured,
                captured,
                captured,
                captured == 0 ? 0 : 3);
    }

    synchronized void hold(RunProgress progress) {
        runs.put(progress.run().id(), progress);
    }

    synchronized int size() {
        return runs.size();
    }

    synchronized NewRun asked(String key) {
        return asked.get(key);
    }

    @Override
    public Mono<RunProgress> progress(UUID runId) {
        Mono<RunProgress> found = Mono.fromSupplier(() -> {
            looks.incrementAndGet();
            return held(runId);
        });
        return Mono.defer(() -> looking.apply(found));
    }

    private synchronized RunProgress held(UUID runId) {
        return runs.get(runId);
    }

    @Override
    public Mono<Run> run(UUID runId) {
        return Mono.fromSupplier(() -> held(runId)).map(RunProgress::run);
    }

    @Override
    public Mono<Integer> redrive(UUID runId) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Mono<Long> freeFormerLives() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Mono<Run> cancel(UUID runId) {
        return Mono.fromSupplier(() -> held(runId)).map(found -> {
            Run now = run(runId.getLeastSignificantBits(), RunState.CANCELLED);
            hold(progress(now, found.captured()));
            return now;
        });
    }

    @Override
    public Flux<RunProgress> newest(int limit) {
        return Flux.defer(() -> {
            synchronized (this) {
                return Flux.fromIterable(List.copyOf(runs.values())).takeLast(limit);
            }
        });
    }

    @Override
    public Mono<Lease> lease(boolean mayFetch) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Mono<Void> renew(Lease lease) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Mono<CapturedPage> capture(Lease lease, FetchedPage fetched) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Mono<CapturedPage> readBack(Lease lease) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Mono<Void> complete(Lease lease) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Mono<PageState> giveBack(Lease lease, Throwable cause) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Mono<Void> release(Lease lease) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Mono<Void> finishEnded() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Flux<PageSum> captured(UUID runId, int from, int to) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Mono<CapturedPage> original(UUID runId, int page) {
        throw new UnsupportedOperationException();
    }
}
