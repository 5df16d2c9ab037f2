package io.tributary.etl;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.etl.RunFollower.Patience;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** One run from the order to the verdict: started, followed, reconciled. */
final class RunSession {
    /**
     * How it went.
     *
     * @param stages time from the start of the run until the last user had passed
     * @param firstCountedNs the clock when the first users stood in Cassandra
     */
    record Result(
            Run run,
            Reconciliation reconciliation,
            Map<Stage, Duration> stages,
            Optional<Long> firstCountedNs,
            Duration runTook,
            Duration reconciliationTook) {
        ExitCode exit() {
            return run.state() == Run.State.COMPLETE && reconciliation.equal() ? ExitCode.OK : ExitCode.DIFFERS;
        }

        List<String> report() {
            List<String> lines = new ArrayList<>(Report.reconciliation(reconciliation));
            lines.addAll(Report.run(run));
            return lines;
        }

        /** {@code {"run","users","reconciliation"}}; the caller adds the seconds. */
        ObjectNode json() {
            ObjectNode json = Json.object()
                    .put("run", run.id())
                    .put("users", reconciliation.ledger().users());
            json.put("state", run.state().name());
            json.set("reconciliation", reconciliation.json());
            return json;
        }

        /** The seconds of this run, to which {@code up} adds those of the parts. */
        void addSeconds(ObjectNode seconds) {
            ObjectNode times = seconds.putObject("stages");
            stages.forEach((stage, time) -> times.put(stage.verb(), Text.exact(time)));
            seconds.put("run", Text.exact(runTook));
            seconds.put("reconciliation", Text.exact(reconciliationTook));
        }
    }

    private final ControlApi api;
    private final Console console;
    private final LongSupplier nanos;
    private final Patience patience;
    private final Runnable check;

    /** @param check called a few times a second; throws to end it all */
    RunSession(ControlApi api, Console console, LongSupplier nanos, Patience patience, Runnable check) {
        this.api = api;
        this.console = console;
        this.nanos = nanos;
        this.patience = patience;
        this.check = check;
    }

    /** @param key idempotency key */
    Result run(RunOrder order, String key, boolean deep) throws InterruptedException {
        long beganNs = nanos.getAsLong();
        StageProgress progress = new StageProgress(order.users(), nanos);
        Run started = patiently(() -> api.startRun(order, key));
        console.say("run " + started.id() + ": " + Text.count(started.users()) + " users in "
                + Text.count(started.pages()) + " pages");
        console.say("window " + started.windowStart() + " to " + started.windowEnd());
        Run ended = shown(started, progress);
        Duration runTook = since(beganNs);
        long comparedNs = nanos.getAsLong();
        Reconciliation reconciliation = patiently(() -> api.reconciliation(ended.id(), deep));
        return new Result(
                ended,
                reconciliation,
                progress.finished(),
                progress.firstAt(Stage.COUNTED),
                runTook,
                since(comparedNs));
    }

    /** Follows a run that somebody else has started, from where it is to its end. */
    Run watch(Run run) throws InterruptedException {
        console.say("run " + run.id() + ": " + Text.count(run.users()) + " users in " + Text.count(run.pages())
                + " pages, " + run.state().name().toLowerCase(Locale.ROOT));
        return shown(run, new StageProgress(run.users(), nanos));
    }

    private Run shown(Run started, StageProgress progress) throws InterruptedException {
        console.show(Optional.of(progress));
        Run ended = follow(started, progress);
        // The lines of the terminal stay as they stood at the end.
        console.show(Optional.empty());
        if (console.isLive()) {
            progress.summary().forEach(console::say);
        }
        if (!ended.isSettled()) {
            console.say("Cassandra has not counted all of it, and nothing has moved for "
                    + patience.uncounted().toSeconds() + " s");
        }
        return ended;
    }

    private Run follow(Run started, StageProgress progress) throws InterruptedException {
        try {
            return new RunFollower(
                            api,
                            started,
                            patience,
                            nanos,
                            run -> {
                                progress.update(run.progress());
                                if (!console.isLive()) {
                                    progress.news().forEach(console::say);
                                }
                            },
                            console::say,
                            check)
                    .follow();
        } finally {
            console.show(Optional.empty());
        }
    }

    /** Repeats a call that is harmless to repeat while ingest is away, being restarted for instance. */
    private <T> T patiently(Supplier<T> call) throws InterruptedException {
        long untilNs = nanos.getAsLong() + patience.unreachable().toNanos();
        while (true) {
            check.run();
            try {
                return call.get();
            } catch (ApiException e) {
                if (!e.isTransient() || nanos.getAsLong() > untilNs) {
                    throw e;
                }
                Thread.sleep(patience.firstPause().toMillis());
            }
        }
    }

    private Duration since(long beganNs) {
        return Duration.ofNanos(nanos.getAsLong() - beganNs);
    }
}
