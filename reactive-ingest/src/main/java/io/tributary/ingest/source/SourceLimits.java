package io.tributary.ingest.source;

import java.time.Duration;

/**
 * Upper bounds of one source client. Bytes held for a page, at most {@code 2 * maxBodyBytes}: the body as received and the
 * body inflated (one half more while a body that lied about its length grows). Requests held, at most {@code 3 *
 * connections}: under way, and twice as many that wait, also for a connection that is being opened; one more fails at once.
 *
 * @param maxBodyBytes of one body, as received and again after inflation
 * @param timeout of one request, from the wait for a connection to the last byte
 * @param connectTimeout of one TCP connection
 * @param connections to the source
 */
public record SourceLimits(int maxBodyBytes, Duration timeout, Duration connectTimeout, int connections) {
    private static final int MEBIBYTE = 1024 * 1024;

    public SourceLimits {
        check(
                maxBodyBytes >= 1024 && maxBodyBytes <= 256 * MEBIBYTE,
                "maxBodyBytes",
                maxBodyBytes,
                "1,024..256 Mi bytes");
        check(timeout.toMillis() >= 1, "timeout", timeout, "at least 1 ms");
        check(connectTimeout.toMillis() >= 1, "connectTimeout", connectTimeout, "at least 1 ms");
        check(connections >= 1 && connections <= 1_000, "connections", connections, "1..1,000");
    }

    /** 16 MiB, three times a page of 5,000 users; 30 s; 10 s to connect. */
    public static SourceLimits of(int connections) {
        return new SourceLimits(16 * MEBIBYTE, Duration.ofSeconds(30), Duration.ofSeconds(10), connections);
    }

    private static void check(boolean valid, String name, Object value, String expected) {
        if (!valid) {
            throw new IllegalArgumentException(name + "=" + value + ", expected " + expected);
        }
    }
}
