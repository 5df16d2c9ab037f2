package io.tributary.ingest.api;

import io.tributary.ingest.ledger.RunLedger;
import io.tributary.ingest.model.NewRun;
import io.tributary.ingest.reconcile.Reconciler;
import io.tributary.ingest.reconcile.Windows;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** What the control API can do, each operation from checked arguments to a whole answer. */
record Operations(
        RunLedger ledger,
        RunViews views,
        Reconciler reconciler,
        Windows windows,
        Health health,
        Supplier<String> metrics,
        Runnable onRunCreated,
        Gate reconciliations,
        ApiLimits limits,
        Scheduler scheduler) {
    Mono<Answer> create(NewRun asked) {
        return inTime(ledger.create(asked).flatMap(this::created));
    }

    private Mono<Answer> created(RunLedger.Created created) {
        if (!created.sameParameters()) {
            return Mono.error(Problem.conflict("this Idempotency-Key came with other parameters before"));
        }
        UUID id = created.run().id();
        if (!created.fresh()) {
            return view(id, 200, Map.of());
        }
        onRunCreated.run();
        return view(id, 201, Map.of("Location", "/api/v1/runs/" + id));
    }

    Mono<Answer> runs(int limit) {
        return inTime(ledger.newest(limit)
                .collectList() // at most 500
                .map(runs -> Answer.json(200, RunJson.runs(runs))));
    }

    Mono<Answer> run(UUID id) {
        return inTime(view(id, 200, Map.of()));
    }

    Mono<Answer> cancel(UUID id) {
        return inTime(ledger.run(id)
                .switchIfEmpty(noSuchRun())
                .flatMap(run -> run.state().isFinal()
                        ? Mono.error(Problem.conflict("the run has ended, it is " + run.state()))
                        : ledger.cancel(id).switchIfEmpty(noSuchRun()))
                .flatMap(run -> view(id, 200, Map.of())));
    }

    /** Takes as long as it takes; a caller that goes away ends it. */
    Mono<Answer> reconcile(UUID id, boolean deep) {
        return reconciliations.pass(ledger.run(id)
                .timeout(limits.answer(), scheduler)
                .switchIfEmpty(noSuchRun())
                .flatMap(run -> reconciler.reconcile(run, deep))
                .map(found -> Answer.json(200, RunJson.reconciliation(found))));
    }

    Mono<Answer> windows(int limit) {
        return inTime(windows.latest(limit)
                .collectList() // at most 500
                .map(latest -> Answer.json(200, RunJson.windows(latest))));
    }

    Mono<Answer> live() {
        return Mono.just(Answer.json(200, RunJson.object().put("status", "up")));
    }

    Mono<Answer> ready() {
        return inTime(health.dependencies().map(found -> {
            boolean up = health.required().stream().allMatch(name -> found.getOrDefault(name, false));
            return Answer.json(up ? 200 : 503, RunJson.health(up, found, health.required()));
        }));
    }

    /** Gauges may look at anything, so not on an event loop. */
    Mono<Answer> scrape() {
        return inTime(Mono.fromSupplier(metrics)
                .subscribeOn(Schedulers.boundedElastic())
                .map(text -> Answer.text("text/plain; version=0.0.4; charset=utf-8", text)));
    }

    private Mono<Answer> view(UUID id, int status, Map<String, String> headers) {
        return views.view(id).switchIfEmpty(noSuchRun()).map(view -> Answer.json(status, RunJson.run(view), headers));
    }

    private Mono<Answer> inTime(Mono<Answer> answer) {
        return answer.timeout(limits.answer(), scheduler);
    }

    private static <T> Mono<T> noSuchRun() {
        return Mono.error(() -> Problem.notFound("there is no such run"));
    }
}
