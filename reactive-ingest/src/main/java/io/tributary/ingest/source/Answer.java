package io.tributary.ingest.source;

import io.tributary.ingest.model.FetchedPage;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.SourceFailed;
import io.tributary.ingest.model.PageRequest;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * One whole answer as received, and the judgement on it: a page, or why not. Inflating and parsing take milliseconds, so
 * not on an event loop.
 *
 * @param bytes as received, of which the first {@code length} count
 */
record Answer(int status, MultiMap headers, byte[] bytes, int length) {
    private static final int OK = 200;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int UNAVAILABLE = 503;

    private static final long MAX_RETRY_AFTER_S = 600;
    private static final int LEAST_INFLATED = 8 * 1024;
    private static final int GZIP_TRAILER = 8; // CRC-32 and length modulo 2^32

    FetchedPage page(PageRequest page, int maxBodyBytes) {
        if (status != OK) {
            throw refusal(maxBodyBytes);
        }
        byte[] body = inflated(maxBodyBytes);
        byte[] gzip = FetchedPage.isGzip(bytes) ? received() : null;
        return new FetchedPage(body, PageParser.parse(page, body, mayBeCut()), gzip);
    }

    /** Neither a length nor chunks: the body ended where the connection ended, whatever the reason. */
    private boolean mayBeCut() {
        return !headers.contains(HttpHeaders.CONTENT_LENGTH) && !headers.contains(HttpHeaders.TRANSFER_ENCODING);
    }

    /** The failure that this status is, with what the source said about it. */
    private SourceFailed refusal(int maxBodyBytes) {
        String error = errorMember(maxBodyBytes);
        if (error != null && status / 100 != 3) {
            return new SourceFailed(
                    Kind.TRANSIENT,
                    "status " + status + ", the source answered an error: " + error,
                    null,
                    retryAfter(),
                    status == TOO_MANY_REQUESTS);
        }
        return refusal(status, headers);
    }

    /** The failure that a status is, when nothing is known of the body. */
    static SourceFailed refusal(int status, MultiMap headers) {
        if (status / 100 == 3) {
            return Refusal.never("status " + status + " to " + target(headers) + ", redirects are not followed");
        }
        boolean isTransient = status / 100 == 5 || status == TOO_MANY_REQUESTS || status == REQUEST_TIMEOUT;
        return new SourceFailed(
                isTransient ? Kind.TRANSIENT : Kind.REJECTED,
                "status " + status,
                null,
                retryAfter(status, headers),
                status == TOO_MANY_REQUESTS);
    }

    private static String target(MultiMap headers) {
        String location = headers.get(HttpHeaders.LOCATION);
        return location == null ? "nowhere" : Refusal.quote(location.replaceFirst("[?#].*", ""));
    }

    private @Nullable Duration retryAfter() {
        return retryAfter(status, headers);
    }

    /** Whole seconds, capped; null where the header is missing, zero or anything else: then our own backoff counts. */
    private static @Nullable Duration retryAfter(int status, MultiMap headers) {
        String header = headers.get(HttpHeaders.RETRY_AFTER);
        if (header == null || (status != TOO_MANY_REQUESTS && status != UNAVAILABLE)) {
            return null;
        }
        String digits = header.trim();
        if (!digits.matches("[0-9]{1,18}")) {
            return null;
        }
        long seconds = Long.parseLong(digits);
        return seconds == 0 ? null : Duration.ofSeconds(Math.min(seconds, MAX_RETRY_AFTER_S));
    }

    private @Nullable String errorMember(int maxBodyBytes) {
        try {
            return PageParser.errorMember(inflated(maxBodyBytes));
        } catch (SourceFailed e) {
            return null; // the status says enough
        }
    }

    private byte[] inflated(int maxBodyBytes) {
        String encoding = String.join(",", headers.getAll(HttpHeaders.CONTENT_ENCODING))
                .trim()
                .toLowerCase(Locale.ROOT);
        byte[] body = switch (encoding) {
            case "", "identity" -> received();
            case "gzip", "x-gzip" -> gunzip(maxBodyBytes);
            default ->
                throw Refusal.never("Content-Encoding is " + Refusal.quote(encoding) + ", expected gzip or none");
        };
        if (FetchedPage.isGzip(body)) {
            throw Refusal.never(encoding.endsWith("gzip") ? "gzip inside gzip" : "gzip without its Content-Encoding");
        }
        return body;
    }

    /** Never makes more than the cap and one byte, whatever the body claims. */
    private byte[] gunzip(int maxBodyBytes) {
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes, 0, length), LEAST_INFLATED)) {
            byte[] out = new byte[claimedLength(maxBodyBytes)];
            int made = 0;
            while (true) {
                made += in.readNBytes(out, made, out.length - made);
                if (made < out.length) {
                    return Arrays.copyOf(out, made);
                }
                int next = in.read();
                if (next < 0) {
                    return out;
                }
                if (made == maxBodyBytes) {
                    throw Refusal.never("the body inflates to more than " + maxBodyBytes + " bytes");
                }
                out = Arrays.copyOf(out, (int) Math.min(maxBodyBytes, 2L * made));
                out[made++] = (byte) next;
            }
        } catch (IOException e) { // EOF, CRC, header
            String what = "the gzip body is cut or damaged";
            throw mayBeCut() ? Refusal.later(what) : Refusal.never(what);
        }
    }

    /** What the trailer says, which is exact for an honest body and saves every copy. Within the cap. */
    private int claimedLength(int maxBodyBytes) {
        if (length <= GZIP_TRAILER) {
            return LEAST_INFLATED;
        }
        long claimed = 0;
        for (int i = 1; i <= 4; i++) {
            claimed = (claimed << 8) | (bytes[length - i] & 0xFF);
        }
        return (int) Math.min(maxBodyBytes, Math.max(1, claimed));
    }

    private byte[] received() {
        return bytes.length == length ? bytes : Arrays.copyOf(bytes, length);
    }
}
