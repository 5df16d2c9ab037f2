package io.tributary.ingest.api;

import java.time.Duration;
import java.util.function.Consumer;

/** Limits like in production, but looks follow each other at once; a test changes what it is about. */
final class TestLimits {
    int connections = 64;
    Duration receive = Duration.ofSeconds(20);
    Duration answer = Duration.ofSeconds(20);
    Duration send = Duration.ofSeconds(20);
    Duration linger = Duration.ofMillis(100);
    int eventClients = 8;
    int reconciliations = 1;
    Duration poll = Duration.ofMillis(1);
    Duration look = Duration.ofMillis(50);
    Duration heartbeat = Duration.ofSeconds(20);

    static ApiLimits with(Consumer<TestLimits> change) {
        TestLimits limits = new TestLimits();
        change.accept(limits);
        return new ApiLimits(
                limits.connections,
                ApiLimits.DEFAULT.bodyBytes(),
                limits.receive,
                limits.answer,
                limits.send,
                limits.linger,
                limits.eventClients,
                limits.reconciliations,
                ApiLimits.DEFAULT.plans(),
                limits.poll,
                limits.look,
                Duration.ofMillis(500),
                limits.heartbeat,
                Duration.ofMinutes(5));
    }
}
