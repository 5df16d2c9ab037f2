package io.tributary.etl;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Whether ingest answers: that it does not is said once, that it does again too, and too long a silence ends the command. */
final class Contact {
    private final Duration patience;
    private final LongSupplier nanos;
    private final Consumer<String> notes;

    private long heardNs;
    private boolean away;

    /** @param patience how long ingest may not answer, from now on */
    Contact(Duration patience, LongSupplier nanos, Consumer<String> notes) {
        this.patience = patience;
        this.nanos = nanos;
        this.notes = notes;
        this.heardNs = nanos.getAsLong();
    }

    /** It answers; gives the time. */
    long heard() {
        heardNs = nanos.getAsLong();
        if (away) {
            away = false;
            notes.accept("ingest answers again");
        }
        return heardNs;
    }

    long lastHeardNs() {
        return heardNs;
    }

    /**
     * It does not.
     *
     * @throws ApiException the failure itself, where it will not pass
     * @throws EtlFailure where this lasts too long
     */
    void failed(ApiException e) {
        if (!e.isTransient()) {
            throw e;
        }
        Duration gone = Duration.ofNanos(nanos.getAsLong() - heardNs);
        if (gone.compareTo(patience) > 0) {
            throw EtlFailure.broken(e.words() + ", for " + gone.toSeconds() + " s now", e);
        }
        if (!away) {
            away = true;
            notes.accept(e.words() + "; trying again");
        }
    }
}
