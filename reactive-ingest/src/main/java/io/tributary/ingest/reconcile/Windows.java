package io.tributary.ingest.reconcile;

import java.time.Instant;
import java.util.List;
import reactor.core.publisher.Flux;

/** The counts that the stream has written by event-time window. */
public interface Windows {
    /**
     * Cold. The windows asked for, newest first; errors with {@code ReadFailed}, or {@link WindowsRefused} where they can not be
     * made of the counted ones.
     */
    Flux<WindowCounts> latest(WindowQuery query);

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
