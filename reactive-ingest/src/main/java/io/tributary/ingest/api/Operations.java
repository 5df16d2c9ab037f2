package io.tributary.ingest.api;

import io.tributary.ingest.ledger.RunLedger;
import io.tributary.ingest.model.NewRun;
import io.tributary.ingest.reconcile.WindowQuery;
import io.tributary.ingest.reconcile.WindowsRefused;
import io.tributary.ingest.replay.ReplayRefused;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** What the control API can do, each operation from checked arguments to a whole answer. */
record Operations(
        Services services, RunViews views, Gate reconciliations, Gate plans, ApiLimits limits, Scheduler scheduler) {
    Mono<Answer> create(NewRun asked) {
        return inTime(services.ledger().create(asked).flatMap(this::created));
    }

    private Mono<Answer> created(RunLedger.Created created) {
        if (!created.sameParameters()) {
            return Mono.error(Problem.conflict("this Idempotency-Key came with other parameters before"));
        }
        UUID id = created.run().id();
        if (!created.fresh()) {
            return view(id, 200, Map.of());
        }
        services.onWork().run();
        return view(id, 201, Map.of("Location", "/api/v1/runs/" + id));
    }

    Mono<Answer> runs(int limit) {
        return inTime(services.ledger()
                .newest(limit)
                .collectList() // at most 500
                .map(runs -> Answer.json(200, RunJson.runs(runs))));
    }

    Mono<Answer> run(UUID id) {
        return inTime(view(id, 200, Map.of()));
    }

    Mono<Answer> cancel(UUID id) {
        return inTime(services.ledger()
                .run(id)
                .switchIfEmpty(noSuchRun())
                .flatMap(run -> run.state().isFinal()
                        ? Mono.error(Problem.conflict("the run has ended, it is " + run.state()))
                        : services.ledger().cancel(id).switchIfEmpty(noSuchRun()))
                .flatMap(run -> view(id, 200, Map.of())));
    }

    Mono<Answer> redrive(UUID id) {
        return inTime(services.ledger()
                .run(id)
                .switchIfEmpty(noSuchRun())
                .flatMap(run -> services.redrive().apply(id))
                .doOnNext(pages -> services.onWork().run())
                .flatMap(pages -> views.view(id)
                        .switchIfEmpty(noSuchRun())
                        .map(view -> Answer.json(200, RunJson.redriven(view, pages)))));
    }

    Mono<Answer> replay(UUID id, @Nullable String topic) {
        return inTime(services.ledger()
                .run(id)
                .switchIfEmpty(noSuchRun())
                .flatMap(run -> services.replays().start(run, topic))
                .onErrorMap(ReplayRefused.class, Operations::problem)
                .map(replay -> Answer.json(
                        202, RunJson.replay(replay), Map.of("Location", "/api/v1/replays/" + replay.id()))));
    }

    Mono<Answer> getReplay(UUID id) {
        return Mono.justOrEmpty(services.replays().find(id))
                .switchIfEmpty(Mono.error(() -> Problem.notFound("there is no such replay here since the start")))
                .map(replay -> Answer.json(200, RunJson.replay(replay)));
    }

    /** Writes nothing but what was learned of the source's pace, which counts the page as any other. */
    Mono<Answer> plan(NewRun asked) {
        return plans.pass(inTime(services.plans().plan(asked).map(plan -> Answer.json(200, RunJson.plan(plan)))));
    }

    Mono<Answer> config() {
        return Mono.fromSupplier(() -> Answer.json(200, RunJson.config(services.config())));
    }

    /** Takes as long as it takes; a caller that goes away ends it. */
    Mono<Answer> reconcile(UUID id, boolean deep) {
        return reconciliations.pass(services.ledger()
                .run(id)
                .timeout(limits.answer(), scheduler)
                .switchIfEmpty(noSuchRun())
                .flatMap(run -> services.reconciler().reconcile(run, deep))
                .map(found -> Answer.json(200, RunJson.reconciliation(found))));
    }

    Mono<Answer> windows(WindowQuery query) {
        return inTime(services.windows()
                .latest(query)
                .collectList() // at most 500
                .onErrorMap(WindowsRefused.class, refused -> Problem.invalid(refused.parameter(), refused.words()))
                .map(latest -> Answer.json(200, RunJson.windows(latest))));
    }

    Mono<Answer> live() {
        return Mono.just(Answer.json(200, RunJson.object().put("status", "up")));
    }

    Mono<Answer> ready() {
        return inTime(services.health().dependencies().map(found -> {
            boolean up = services.health().required().stream()
                    .allMatch(name -> found.containsKey(name) && found.get(name).isEmpty());
            return Answer.json(
                    up ? 200 : 503, RunJson.health(up, found, services.health().required()));
        }));
    }

    /** Gauges may look at anything, so not on an event loop. */
    Mono<Answer> scrape() {
        return inTime(Mono.fromSupplier(services.metrics())
                .subscribeOn(Schedulers.boundedElastic())
                .map(text -> Answer.text("text/plain; version=0.0.4; charset=utf-8", text)));
    }

    private Mono<Answer> view(UUID id, int status, Map<String, String> headers) {
        return views.view(id).switchIfEmpty(noSuchRun()).map(view -> Answer.json(status, RunJson.run(view), headers));
    }

    private Mono<Answer> inTime(Mono<Answer> answer) {
        return answer.timeout(limits.answer(), scheduler);
    }

    private static Problem problem(ReplayRefused refused) {
        return switch (refused.reason()) {
            case RUNNING -> Problem.conflict(refused.words());
            case BUSY -> Problem.unavailable(refused.words());
            case TOPIC -> Problem.invalid("topic", refused.words());
        };
    }

    private static <T> Mono<T> noSuchRun() {
        return Mono.error(() -> Problem.notFound("there is no such run"));
    }
}
