package io.tributary.ingest.model;

import io.tributary.schemas.BadConfig;
import java.time.Duration;

/**
 * Upper bounds of everything that can queue. Bytes held for pages, at most:
 *
 * <pre>(pagesInFlight + PAGES_ASIDE) * (2 * maxBodyBytes + 5,000 * USER_BYTES) + producerBytes + REPLAY_PRODUCER_BYTES</pre>
 *
 * <p>A page in flight holds its body, while it is inflated or compressed a second copy, and its users typed and encoded;
 * records wait in the producer's buffer. Nothing is fetched for a page that has no slot.
 *
 * @param pagesInFlight pages between lease and complete, 1 to 64
 * @param maxBodyBytes of one response after inflation
 * @param producerBytes of records that wait in the Kafka producer
 * @param lease how long a page is held without a renewal
 * @param sourceTimeout for one request, from connecting to the last byte
 * @param connections to PostgreSQL, for pages
 */
public record Limits(
        int pagesInFlight,
        int maxBodyBytes,
        int producerBytes,
        Duration lease,
        Duration sourceTimeout,
        int connections) {
    /** Typed and encoded, measured: 1.9 kB for a user of 1,080 bytes of JSON. */
    static final int USER_BYTES = 2_400;

    /** Held beside the pipeline's: one page that is published again, one that is planned. */
    static final int PAGES_ASIDE = 2;

    /** Of records of replays that wait in their own producer. */
    public static final int REPLAY_PRODUCER_BYTES = 2 * 1024 * 1024;

    /**
     * To PostgreSQL beside {@code connections}: what the API is asked must not wait behind writers that are stalled. Two
     * reconciliations may take four of them.
     */
    public static final int API_CONNECTIONS = 6;

    private static final int LARGEST_PAGE = 5_000;
    private static final double SHARE_OF_HEAP = 0.75;

    /** Bytes that pages and records can hold at once. */
    public long bytesHeld() {
        return (pagesInFlight + PAGES_ASIDE) * (2L * maxBodyBytes + (long) LARGEST_PAGE * USER_BYTES)
                + producerBytes
                + REPLAY_PRODUCER_BYTES;
    }

    /** Refuses bounds that the heap can not hold; the message has the formula. */
    public Limits fitting(long heapBytes) {
        if (bytesHeld() > SHARE_OF_HEAP * heapBytes) {
            throw new BadConfig("INGEST_PAGES_IN_FLIGHT=" + pagesInFlight + " does not fit the heap: (pagesInFlight + "
                    + PAGES_ASIDE
                    + ") * (2 * "
                    + maxBodyBytes + " + " + LARGEST_PAGE + " * " + USER_BYTES + ") + " + producerBytes + " + "
                    + REPLAY_PRODUCER_BYTES + " = "
                    + bytesHeld() + " bytes, expected at most 75 % of " + heapBytes);
        }
        return this;
    }
}
