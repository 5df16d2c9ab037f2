package io.tributary.stream;

import io.tributary.schemas.UserEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Which events can be true. Ours always are: ingest checks the same before it captures. What is not is counted nowhere and
 * goes to the dead letters.
 */
final class EventRules {
    static final int MOST_PAGE_USERS = 5_000;
    static final int OLDEST_AGE = 150;
    static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");
    static final Duration AHEAD = Duration.ofDays(1);

    private EventRules() {}

    /** Why an event is impossible, without its values; empty when it is not. */
    static Optional<String> broken(UserEvent event, Instant now) {
        if (event.page() < 1) {
            return Optional.of("page below 1");
        }
        if (event.pageUsers() < 1 || event.pageUsers() > MOST_PAGE_USERS) {
            return Optional.of("page_users outside 1.." + MOST_PAGE_USERS);
        }
        if (event.position() < 0 || event.position() >= event.pageUsers()) {
            return Optional.of("position outside its page");
        }
        if (event.capturedAt().isBefore(EARLIEST)) {
            return Optional.of("captured_at before 2000");
        }
        if (event.capturedAt().isAfter(now.plus(AHEAD))) {
            return Optional.of("captured_at more than a day ahead");
        }
        if (!PagePart.Group.fits(event.user())) {
            return Optional.of("nationality or gender that is none");
        }
        Integer age = event.user().age();
        if (age != null && (age < 0 || age > OLDEST_AGE)) {
            return Optional.of("age outside 0.." + OLDEST_AGE);
        }
        return Optional.empty();
    }
}
