package io.tributary.ingest.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page's users, read from its bytes; the same bytes give the same page. {@code users} and {@code dead} together are the
 * users asked for, each in the order of positions.
 *
 * @param sourceVersion {@code info.version} of the answer; null when it names none
 */
public record ParsedPage(
        List<PlacedUser> users,
        List<DeadUser> dead,
        @Nullable String sourceVersion) {
    public ParsedPage(List<PlacedUser> users, List<DeadUser> dead) {
        this(users, dead, null);
    }
}
