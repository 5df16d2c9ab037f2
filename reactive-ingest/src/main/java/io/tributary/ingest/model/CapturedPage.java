package io.tributary.ingest.model;

import io.tributary.schemas.Digest;
import io.tributary.schemas.UserEvent;
import io.tributary.schemas.UserEventEncoder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A page whose response is durable: from here on it can not change, and whoever handles it again makes the same rows and
 * the same records.
 *
 * @param capturedAt event time of all its users, the ledger's clock
 * @param events the users that go on, by position, with their encoded bodies
 * @param dead the users set aside
 * @param digest of {@code events}
 */
public record CapturedPage(
        Lease lease, Instant capturedAt, List<EncodedEvent> events, List<DeadUser> dead, Digest digest) {

    /** An event with its Avro body, the pinned encoding that is published and hashed. */
    public record EncodedEvent(UserEvent event, byte[] body) {}

    /** The page that these users make when they were captured at that time. */
    public static CapturedPage of(Lease lease, Instant capturedAt, ParsedPage parsed) {
        PageRequest request = lease.request();
        UserEventEncoder encoder = new UserEventEncoder();
        List<EncodedEvent> events = new ArrayList<>(parsed.users().size());
        Digest digest = Digest.EMPTY;
        for (PlacedUser placed : parsed.users()) {
            UserEvent event = new UserEvent(
                    request.runId(),
                    request.page(),
                    placed.position(),
                    request.pageUsers(),
                    capturedAt,
                    lease.windowStart(),
                    lease.windowEnd(),
                    placed.user());
            byte[] body = encoder.body(event);
            digest = digest.plus(Digest.hashOf(body));
            events.add(new EncodedEvent(event, body));
        }
        return new CapturedPage(lease, capturedAt, List.copyOf(events), parsed.dead(), digest);
    }
}
