package io.tributary.stream;

import io.tributary.schemas.User;
import io.tributary.schemas.UserEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** Pages of made-up users, the same for the same seed. */
final class Pages {
    static final Instant START = Instant.parse("2026-03-01T10:00:30.123Z");
    private static final String[] NATIONALITIES = {
        "AU", "BR", "CA", "CH", "DE", "DK", "ES", "FI", "FR", "GB", "IE", "IN", "IR", "MX", "NL", "NO", "NZ", "RS",
        "TR", "UA", "US"
    };

    private Pages() {}

    /** A page captured {@code page} seconds after {@link #START}. */
    static List<UserEvent> page(UUID run, int page, int users, Random random) {
        return page(run, page, users, START.plusSeconds(page), random);
    }

    static List<UserEvent> page(UUID run, int page, int users, Instant capturedAt, Random random) {
        List<UserEvent> events = new ArrayList<>();
        for (int position = 0; position < users; position++) {
            events.add(new UserEvent(
                    run,
                    page,
                    position,
                    users,
                    capturedAt,
                    Instant.parse("2026-03-01T10:00:00Z"),
                    Instant.parse("2026-03-01T10:05:00Z"),
                    user(random, "Zoë نگین " + position)));
        }
        return events;
    }

    static User user(Random random, String firstName) {
        return new User(
                new UUID(random.nextLong(), random.nextLong()),
                NATIONALITIES[random.nextInt(NATIONALITIES.length)],
                random.nextBoolean() ? "female" : "male",
                "Ms",
                firstName,
                "Дзюба",
                random.nextInt(10_000),
                "Rue de la Paix",
                "Paris",
                null,
                "France",
                "60321",
                -18.5642,
                104.4990,
                "-4:00",
                null,
                "zoe@example.com",
                "zoe1",
                Instant.parse("1955-10-19T09:20:17.142Z"),
                random.nextInt(10) == 0 ? null : random.nextInt(100),
                Instant.parse("2015-01-01T00:00:00Z"),
                11,
                "01-23",
                "06-45",
                "",
                null,
                "https://example.com/1.jpg");
    }

    /** The same place, another person. */
    static UserEvent changed(UserEvent event, User user) {
        return new UserEvent(
                event.runId(),
                event.page(),
                event.position(),
                event.pageUsers(),
                event.capturedAt(),
                event.windowStart(),
                event.windowEnd(),
                user);
    }

    static UserEvent moved(UserEvent event, int page, int position, int pageUsers, Instant capturedAt) {
        return new UserEvent(
                event.runId(),
                page,
                position,
                pageUsers,
                capturedAt,
                event.windowStart(),
                event.windowEnd(),
                event.user());
    }
}
