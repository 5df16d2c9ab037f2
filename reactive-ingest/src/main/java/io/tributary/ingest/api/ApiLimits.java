package io.tributary.ingest.api;

import java.time.Duration;

/**
 * Upper bounds of what callers can hold. A connection is in one of three phases, each but the second with its end: it
 * sends a request, waits for the answer, takes the answer. Bytes held for callers, at most:
 *
 * <pre>connections * (HEADER_BYTES + bodyBytes + one answer)</pre>
 *
 * @param connections open at once; one more is closed at once
 * @param bodyBytes of a request
 * @param receive from the end of an answer, or the connection's opening, to the last byte of the next request
 * @param answer for what the ledger, a store or a health check is asked, reconciliation excepted
 * @param send for the answer, or an event that its reader does not take
 * @param linger how long a caller whose request is refused half-way has to read the answer
 * @param eventClients that listen to runs, or watch everything, at once; one more is told to come again. Half of the connections:
 *     requests find one however many listen
 * @param reconciliations that run at once
 * @param plans that are tried at once; each holds one page, see {@code Limits}
 * @param poll pause between two looks at a run that is listened to
 * @param look pause between two snapshots of everything, for all who watch
 * @param counted how long Cassandra may take to say what it counted; it is unknown then
 * @param heartbeat pause between two comments to a listener
 * @param outage how long the ledger may fail before its listeners are sent away
 */
record ApiLimits(
        int connections,
        int bodyBytes,
        Duration receive,
        Duration answer,
        Duration send,
        Duration linger,
        int eventClients,
        int reconciliations,
        int plans,
        Duration poll,
        Duration look,
        Duration counted,
        Duration heartbeat,
        Duration outage) {
    static final int LINE_BYTES = 4 * 1024;
    static final int HEADER_BYTES = 16 * 1024;

    static final ApiLimits DEFAULT = new ApiLimits(
            1_024,
            64 * 1024,
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofSeconds(1),
            512,
            2,
            1,
            Duration.ofMillis(250),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(10),
            Duration.ofMinutes(5));
}
