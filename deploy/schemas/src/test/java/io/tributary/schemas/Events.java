package io.tributary.schemas;

import java.time.Instant;
import java.util.UUID;

final class Events {
    static final UUID RUN = UUID.fromString("6d1f9a52-54a3-4c53-9d52-1b1df5c5a2f1");

    private Events() {}

    static UserEvent event(int page, int position) {
        return event(page, position, "Zoë نگین");
    }

    static UserEvent event(int page, int position, String firstName) {
        User user = new User(
                new UUID(page, position),
                "FR",
                "female",
                "Ms",
                firstName,
                "Дзюба",
                9272,
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
                71,
                Instant.parse("2015-01-01T00:00:00Z"),
                11,
                "01-23",
                "06-45",
                "",
                null,
                "https://example.com/1.jpg");
        return new UserEvent(
                RUN,
                page,
                position,
                1000,
                Instant.parse("2026-11-22T10:00:00.123Z"),
                Instant.parse("2026-11-22T10:00:00Z"),
                Instant.parse("2026-11-22T10:05:00Z"),
                user);
    }
}
