package io.tributary.etl;

import io.tributary.etl.SseParser.Event;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Follows a run until nothing of it is under way any more. Ingest may die and come back meanwhile: the stream is opened again
 * after growing pauses, and the run is asked for at each opening, so that nothing is missed.
 */
final class RunFollower {
    /**
     * @param unreachable how long ingest may not answer
     * @param uncounted how long an ended run may stand still before Cassandra has counted all of it
     * @param standstill how long a run may stand still: a source hands out its quota every few minutes, so this is long
     * @param firstPause before ingest is tried again; doubled each time, up to 5 s
     */
    record Patience(Duration unreachable, Duration uncounted, Duration standstill, Duration firstPause) {
        static final Patience DEFAULT = new Patience(
                Duration.ofSeconds(120), Duration.ofSeconds(60), Duration.ofMinutes(11), Duration.ofMillis(250));
    }

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final Duration LOOK_AROUND = Duration.ofMillis(500);

    private final ControlApi api;
    private final Patience patience;
    private final LongSupplier nanos;
    private final Consumer<Run> progress;
    private final Consumer<String> notes;
    private final Runnable check;

    private Run latest;
    private long movedNs;

    /**
     * @param progress hears each new state
     * @param notes hears, once each time, that ingest does not answer and that it does again
     * @param check called a few times a second; throws to end it all
     */
    RunFollower(
            ControlApi api,
            Run run,
            Patience patience,
            LongSupplier nanos,
            Consumer<Run> progress,
            Consumer<String> notes,
            Runnable check) {
        this.api = api;
        this.latest = run;
        this.patience = patience;
        this.nanos = nanos;
        this.progress = progress;
        this.notes = notes;
        this.check = check;
    }

    /**
     * @return the run when it is settled, or as it stood when patience was over; never a running one
     * @throws EtlFailure where ingest does not answer, or the run does not move, for too long
     */
    Run follow() throws InterruptedException {
        Contact contact = new Contact(patience.unreachable(), nanos, notes);
        movedNs = contact.lastHeardNs();
        Duration pause = patience.firstPause();
        progress.accept(latest);
        while (!latest.isSettled() && !isOver()) {
            long heardBefore = contact.lastHeardNs();
            try {
                listen(contact);
            } catch (ApiException e) {
                if (contact.lastHeardNs() != heardBefore) { // it did answer in between
                    pause = patience.firstPause();
                }
                contact.failed(e);
                pause(pause);
                Duration doubled = pause.multipliedBy(2);
                pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
            }
        }
        return latest;
    }

    /** One connection; returns when the run is settled or patience is over. */
    private void listen(Contact contact) throws InterruptedException {
        Run asked = api.run(latest.id());
        take(asked, contact.heard());
        try (EventStream events = api.events(latest.id())) {
            while (!latest.isSettled() && !isOver()) {
                check.run();
                Optional<Event> event = events.next(LOOK_AROUND);
                long heardNs = contact.heard(); // the stream lives, or next() had thrown
                if (event.isEmpty()) {
                    continue;
                }
                String name = event.get().name();
                if (name.equals("progress") || name.equals("settled")) {
                    take(ControlApi.run(event.get()), heardNs);
                }
            }
        }
    }

    private void take(Run run, long heardNs) {
        if (!run.progress().equals(latest.progress()) || run.state() != latest.state()) {
            movedNs = heardNs;
        }
        latest = run;
        progress.accept(run);
    }

    private boolean isOver() {
        Duration still = Duration.ofNanos(nanos.getAsLong() - movedNs);
        if (latest.isTerminal()) {
            return still.compareTo(patience.uncounted()) > 0;
        }
        if (still.compareTo(patience.standstill()) > 0) {
            throw EtlFailure.broken(
                    "run " + latest.id() + " has not moved for " + still.toMinutes()
                            + " min; it goes on by itself when what it waits for is back (logs of ingest)",
                    null);
        }
        return false;
    }

    private void pause(Duration time) throws InterruptedException {
        long until = System.nanoTime() + time.toNanos();
        long left = time.toMillis();
        while (left > 0) {
            check.run();
            Thread.sleep(Math.min(left, LOOK_AROUND.toMillis()));
            left = (until - System.nanoTime()) / 1_000_000;
        }
    }
}
