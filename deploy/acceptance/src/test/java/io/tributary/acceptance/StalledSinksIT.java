package io.tributary.acceptance;

import io.tributary.embedded.EmbeddedStack.Part;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** P4: a sink that stalls stops the source, memory stays flat, nothing is lost, and it goes on by itself. */
@SharedStack.Whole
class StalledSinksIT {
    private static final int USERS = 100_000;
    private static final Duration STALL = Duration.ofSeconds(30);

    private final StalledIngest ingest;

    StalledSinksIT(WholeStack shared) {
        ingest = new StalledIngest(shared);
    }

    @Test
    void aLockedTableAndAStoppedBrokerStopTheSourceAndLoseNothing() throws Exception {
        ingest.standsStill(Stall.ofLockedUsers(ingest.stack()), STALL, USERS);
        ingest.standsStill(Stall.ofStopped(ingest.stack(), Part.KAFKA), STALL, USERS);
    }
}
