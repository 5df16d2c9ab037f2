package io.tributary.ingest.reconcile;

import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.CapturedPage.EncodedEvent;
import io.tributary.ingest.model.Lease;
import io.tributary.ingest.model.PageRequest;
import io.tributary.ingest.model.PageSum;
import io.tributary.ingest.model.Run;
import io.tributary.ingest.model.RunState;
import io.tributary.schemas.Digest;
import io.tributary.schemas.User;
import io.tributary.schemas.UserEvent;
import io.tributary.schemas.UserEventEncoder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;

/** A run of a few pages with every kind of value in its users; what a test compares its stores with. */
record Sample(Run run) {
    static final Instant CREATED = Instant.parse("2026-11-22T09:59:59.700Z");
    static final Instant WINDOW_START = Instant.parse("2026-11-22T10:00:00Z");
    static final Instant WINDOW_END = Instant.parse("2026-11-22T10:05:00Z");

    static Sample of(int users, int pageSize) {
        return of(UUID.randomUUID(), users, pageSize);
    }

    static Sample of(UUID id, int users, int pageSize) {
        return new Sample(new Run(
                id,
                RunState.COMPLETE,
                WINDOW_START,
                WINDOW_END,
                users,
                pageSize,
                "seed",
                List.of(),
                null,
                CREATED,
                WINDOW_END));
    }

    int pageUsers(int page) {
        return page < run.pages() ? run.pageSize() : run.users() - (run.pages() - 1) * run.pageSize();
    }

    static Instant capturedAt(int page) {
        return CREATED.plus(Duration.ofMillis(1_001L * page));
    }

    UserEvent event(int page, int position) {
        return event(page, position, "Дзюба نگین 王");
    }

    /** Some users leave out what a source may leave out. */
    UserEvent event(int page, int position, String lastName) {
        boolean full = position % 3 != 2;
        User user = new User(
                new UUID(run.id().getMostSignificantBits() + page, position),
                position % 2 == 0 ? "FR" : "UA",
                position % 5 == 0 ? "male" : "female",
                full ? "Ms" : null,
                "Zoë",
                lastName,
                full ? 9272 : null,
                "Rue de la Paix",
                "Paris",
                full ? null : "Île-de-France",
                "France",
                full ? "60321" : "K1A 0B1",
                full ? -18.5642 : null,
                full ? -0.0 : 104.1,
                "-4:00",
                full ? null : "Atlantic Time (Canada), \"Caracas\", La Paz",
                "zoe@example.com",
                "zoe" + position,
                full ? Instant.parse("1955-10-19T09:20:17.142Z") : null,
                full ? 71 : null,
                Instant.parse("2015-01-01T00:00:00Z"),
                11,
                "01-23",
                "06-45",
                "",
                full ? null : "\n\\t",
                "https://example.com/1.jpg");
        return new UserEvent(
                run.id(), page, position, pageUsers(page), capturedAt(page), WINDOW_START, WINDOW_END, user);
    }

    List<UserEvent> events(int page) {
        return IntStream.range(0, pageUsers(page))
                .mapToObj(position -> event(page, position))
                .toList();
    }

    CapturedPage captured(int page) {
        UserEventEncoder encoder = new UserEventEncoder();
        List<EncodedEvent> encoded = new ArrayList<>();
        Digest digest = Digest.EMPTY;
        for (UserEvent event : events(page)) {
            byte[] body = encoder.body(event);
            encoded.add(new EncodedEvent(event, body));
            digest = digest.plus(Digest.hashOf(body));
        }
        PageRequest request = new PageRequest(run.id(), page, pageUsers(page), "seed", page, List.of(), null);
        Lease lease = new Lease(request, 1, true, WINDOW_START, WINDOW_END);
        return new CapturedPage(lease, capturedAt(page), encoded, List.of(), digest);
    }

    Map<Integer, PageSum> sums() {
        Map<Integer, PageSum> sums = new TreeMap<>();
        for (int page = 1; page <= run.pages(); page++) {
            sums.put(
                    page,
                    new PageSum(
                            page,
                            pageUsers(page),
                            capturedAt(page),
                            captured(page).digest()));
        }
        return sums;
    }

    /** The whole run at once. */
    Slice slice() {
        return new Slice(run, 1, run.pages(), sums());
    }

    Digest digest() {
        return sums().values().stream().map(PageSum::digest).reduce(Digest.EMPTY, Digest::plus);
    }

    static long hash(UserEvent event) {
        return Digest.hashOf(new UserEventEncoder().body(event));
    }

    /** A page as a store without fault holds it. */
    PageContent content(int page) {
        PageContent content = new PageContent(page, pageUsers(page));
        events(page).forEach(event -> content.add(event.position(), hash(event)));
        return content;
    }
}
