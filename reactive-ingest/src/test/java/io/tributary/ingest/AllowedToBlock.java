package io.tributary.ingest;

import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/** What BlockHound must let pass, each with its reason. */
public final class AllowedToBlock implements BlockHoundIntegration {
    @Override
    public void applyTo(BlockHound.Builder builder) {
        // reads a few bytes of /dev/urandom, which never waits: the nonce of a SCRAM login, a run's id
        builder.allowBlockingCallsInside("java.security.SecureRandom", "nextBytes");
        // an event loop hands work to a worker: the queue's lock is held for some instructions
        builder.allowBlockingCallsInside("java.util.concurrent.LinkedBlockingQueue", "offer");
        // a timer is cancelled: the lock of the timers' queue; where it is contended, the chain that it was part of
        // would be lost
        builder.allowBlockingCallsInside("java.util.concurrent.ScheduledThreadPoolExecutor$DelayedWorkQueue", "remove");
        // Vert.x ends its workers on an event loop: the same lock; where it is contended, the end would never be told
        builder.allowBlockingCallsInside("java.util.concurrent.LinkedBlockingQueue", "drainTo");
    }
}
