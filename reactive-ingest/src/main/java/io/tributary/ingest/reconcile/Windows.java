package io.tributary.ingest.reconcile;

import java.time.Instant;
import java.util.List;
import reactor.core.publisher.Flux;

/** The counts that the stream has written by event-time window. */
public interface Windows {
    /** Cold. The newest windows, newest first, at most {@code limit}; errors with {@code ReadFailed}. */
    Flux<WindowCounts> latest(int limit);

    /** One window, its groups by nationality and then gender. */
    record WindowCounts(Instant windowStart, List<Group> groups) {}

    /**
     * The users of one nationality and gender.
     *
     * @param users how many
     * @param aged those of them whose age is known
     * @param ageSum years, over {@code aged}
     */
    record Group(String nationality, String gender, long users, long aged, long ageSum) {}
}
