package io.tributary.randomuser;

import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/** From a query to the bytes that answer it. Slow, never on the event loop. For several threads. */
final class Bodies {
    private final Pages pages = new Pages();
    private final Formatter formatter = new Formatter();
    private final SpoiledPage spoiler = new SpoiledPage();
    private final PreparedBodies prepared;

    Bodies(PreparedBodies prepared) {
        this.prepared = prepared;
    }

    Body body(Query query, LocalDate today, boolean gzip, List<Fault> contentFaults) {
        if (!contentFaults.isEmpty()) {
            return make(query, today, gzip, contentFaults);
        }
        PreparedBodies.Key key = new PreparedBodies.Key(query, today, gzip);
        Optional<Body> kept = prepared.get(key);
        return kept.orElseGet(() -> {
            Body made = make(query, today, gzip, contentFaults);
            prepared.keep(key, made);
            return made;
        });
    }

    private Body make(Query query, LocalDate today, boolean gzip, List<Fault> contentFaults) {
        byte[] page = spoiler.spoil(pages.json(query, today), contentFaults);
        return Body.of(formatter.format(page, query.format()), query.format().contentType, gzip);
    }
}
