package io.tributary.etl;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Looks at a replay again and again until it has ended. Ingest may be out of reach meanwhile, but not started again. */
final class ReplayFollower {
    /**
     * @param look pause between two looks
     * @param unreachable how long ingest may not answer
     * @param standstill how long no page may be published; long, as a replay waits in line while another one is done
     */
    record Patience(Duration look, Duration unreachable, Duration standstill) {
        static final Patience DEFAULT =
                new Patience(Duration.ofMillis(250), Duration.ofMinutes(2), Duration.ofMinutes(60));
    }

    private final ControlApi api;
    private final Patience patience;
    private final LongSupplier nanos;
    private final Consumer<Replay> progress;
    private final Consumer<String> notes;

    private Replay latest;
    private long movedNs;

    /**
     * @param progress hears each new state
     * @param notes hears, once each time, that ingest does not answer and that it does again
     */
    ReplayFollower(
            ControlApi api,
            Replay begun,
            Patience patience,
            LongSupplier nanos,
            Consumer<Replay> progress,
            Consumer<String> notes) {
        this.api = api;
        this.latest = begun;
        this.patience = patience;
        this.nanos = nanos;
        this.progress = progress;
        this.notes = notes;
    }

    /**
     * Waits for the end.
     *
     * @return the replay, never a running one
     * @throws EtlFailure where ingest does not answer, or the replay does not move, for too long, or has ended with its ingest
     */
    Replay follow() throws InterruptedException {
        Contact contact = new Contact(patience.unreachable(), nanos, notes);
        movedNs = contact.lastHeardNs();
        progress.accept(latest);
        while (latest.isRunning()) {
            Thread.sleep(patience.look().toMillis());
            try {
                Replay now = api.replay(latest.id());
                take(now, contact.heard());
            } catch (ApiException e) {
                if (e.isNotFound()) {
                    throw EtlFailure.broken(
                            "ingest knows replay " + latest.id() + " no more: it was started again, and a replay ends"
                                    + " with its ingest; the same replay again does no harm",
                            e);
                }
                contact.failed(e);
            }
        }
        return latest;
    }

    private void take(Replay replay, long heardNs) {
        if (replay.pages() != latest.pages() || !replay.isRunning()) {
            movedNs = heardNs;
        }
        latest = replay;
        progress.accept(replay);
        Duration still = Duration.ofNanos(heardNs - movedNs);
        if (still.compareTo(patience.standstill()) > 0) {
            throw EtlFailure.broken(
                    "replay " + latest.id() + " has not moved for " + still.toMinutes()
                            + " min; it goes on by itself (logs of ingest)",
                    null);
        }
    }
}
