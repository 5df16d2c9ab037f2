package io.tributary.ingest.pipeline;

import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.FetchedPage;
import io.tributary.ingest.model.Lease;
import io.tributary.ingest.model.PageRequest;
import io.tributary.ingest.model.ParsedPage;
import io.tributary.ingest.model.PlacedUser;
import io.tributary.schemas.User;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Pages to test with. */
public final class Pages {
    public static final UUID RUN = UUID.fromString("6d1f9a52-54a3-4c53-9d52-1b1df5c5a2f1");
    private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

    private Pages() {}

    public static Lease lease(int page, boolean captured) {
        return new Lease(request(page, 2), 1, captured, START, START.plusSeconds(300));
    }

    public static PageRequest request(int page, int users) {
        return new PageRequest(RUN, page, users, "seed", page, List.of(), null);
    }

    public static FetchedPage fetched(PageRequest request) {
        List<PlacedUser> users = new ArrayList<>();
        for (int position = 0; position < request.pageUsers(); position++) {
            users.add(new PlacedUser(position, user(request.page(), position)));
        }
        return new FetchedPage(
                ("body of " + request).getBytes(java.nio.charset.StandardCharsets.UTF_8),
                new ParsedPage(users, List.of()));
    }

    public static CapturedPage captured(Lease lease) {
        return CapturedPage.of(
                lease,
                START.plusSeconds(lease.request().page()),
                fetched(lease.request()).users());
    }

    public static User user(int page, int position) {
        return new User(
                new UUID(page, position),
                "FR",
                "female",
                "Ms",
                "Zoë",
                "Дзюба " + position,
                position,
                null,
                "Paris",
                null,
                "France",
                "0" + position,
                1.5,
                -0.25,
                "-4:00",
                null,
                "zoe@example.com",
                "zoe",
                Instant.parse("1990-02-03T04:05:06.789Z"),
                36,
                null,
                null,
                "1",
                "2",
                "",
                null,
                null);
    }
}
