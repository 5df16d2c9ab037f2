package io.tributary.ingest.pipeline;

import io.tributary.ingest.ledger.RunLedger;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.FetchedPage;
import io.tributary.ingest.model.IngestException.LeaseLost;
import io.tributary.ingest.model.Lease;
import io.tributary.ingest.model.NewRun;
import io.tributary.ingest.model.PageState;
import io.tributary.ingest.model.PageSum;
import io.tributary.ingest.model.Run;
import io.tributary.ingest.model.RunProgress;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Hands out pages from 1 and writes down, in order, what the pipeline asks of it. */
final class ScriptedLedger implements RunLedger {
    private final List<String> events;
    private final Queue<Lease> planned = new ConcurrentLinkedQueue<>();
    private boolean losesLeases;
    private Mono<Void> renewal = Mono.empty();

    ScriptedLedger(List<String> events, int pages) {
        this.events = events;
        for (int page = 1; page <= pages; page++) {
            plan(page);
        }
    }

    void plan(int page) {
        planned.add(Pages.lease(page, false));
    }

    ScriptedLedger captured(int page) {
        planned.clear();
        planned.add(Pages.lease(page, true));
        return this;
    }

    ScriptedLedger renewing(Mono<Void> with) {
        renewal = with;
        return this;
    }

    ScriptedLedger losingLeases() {
        losesLeases = true;
        return this;
    }

    @Override
    public Mono<Lease> lease(boolean mayFetch) {
        return Mono.fromSupplier(
                        () -> mayFetch || !planned.isEmpty() && planned.peek().captured() ? planned.poll() : null)
                .doOnNext(lease -> note("lease", lease));
    }

    @Override
    public Mono<Void> renew(Lease lease) {
        note("renew", lease);
        return losesLeases ? Mono.error(new LeaseLost("planted")) : renewal;
    }

    @Override
    public Mono<CapturedPage> capture(Lease lease, FetchedPage fetched) {
        note("capture", lease);
        return Mono.just(Pages.captured(lease));
    }

    @Override
    public Mono<CapturedPage> readBack(Lease lease) {
        note("read back", lease);
        return Mono.just(Pages.captured(lease));
    }

    @Override
    public Mono<Void> complete(Lease lease) {
        return Mono.fromRunnable(() -> note("complete", lease));
    }

    @Override
    public Mono<PageState> giveBack(Lease lease, Throwable cause) {
        return Mono.fromSupplier(() -> {
            note("give back", lease);
            return PageState.PLANNED;
        });
    }

    @Override
    public Mono<Void> release(Lease lease) {
        return Mono.fromRunnable(() -> note("release", lease));
    }

    @Override
    public Mono<Void> finishEnded() {
        return Mono.empty();
    }

    @Override
    public Mono<Created> create(NewRun run) {
        throw new UnsupportedOperationException("not the pipeline's to call");
    }

    @Override
    public Mono<Integer> redrive(UUID runId) {
        throw new UnsupportedOperationException("not the pipeline's to call");
    }

    @Override
    public Mono<Long> freeFormerLives() {
        throw new UnsupportedOperationException("not the pipeline's to call");
    }

    @Override
    public Mono<Run> cancel(UUID runId) {
        throw new UnsupportedOperationException("not the pipeline's to call");
    }

    @Override
    public Mono<Run> run(UUID runId) {
        throw new UnsupportedOperationException("not the pipeline's to call");
    }

    @Override
    public Flux<RunProgress> newest(int limit) {
        throw new UnsupportedOperationException("not the pipeline's to call");
    }

    @Override
    public Mono<RunProgress> progress(UUID runId) {
        throw new UnsupportedOperationException("not the pipeline's to call");
    }

    @Override
    public Flux<PageSum> captured(UUID runId, int from, int to) {
        throw new UnsupportedOperationException("not the pipeline's to call");
    }

    @Override
    public Mono<CapturedPage> original(UUID runId, int page) {
        throw new UnsupportedOperationException("not the pipeline's to call");
    }

    private void note(String what, Lease lease) {
        events.add(what + " " + lease.request().page());
    }
}
