package io.tributary.ingest.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.tributary.ingest.model.IngestException;
import io.tributary.ingest.model.IngestException.ReadFailed;
import io.tributary.ingest.model.IngestException.SourceFailed;
import io.vertx.ext.web.handler.HttpException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request that is not answered as asked, in the form of RFC 9457. This class is the one place that knows which failure
 * has which status. Its details are for the caller: nothing of the caller's values, nothing of our insides.
 */
final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final Logger LOG = LoggerFactory.getLogger(Problem.class);
    private static final Duration USUAL_PAUSE = Duration.ofSeconds(2);

    private final int status;
    private final @Nullable String field;
    private final transient Map<String, String> headers;

    private Problem(int status, String detail, @Nullable String field, Map<String, String> headers) {
        super(detail, null, false, false); // an answer, not an accident: no stack trace
        this.status = status;
        this.field = field;
        this.headers = headers;
    }

    /** 400: not the form of a request. */
    static Problem malformed(String detail) {
        return of(400, detail);
    }

    /** 400 with the name of the header, parameter or member that is meant. */
    static Problem malformed(String field, String detail) {
        return new Problem(400, detail, field, Map.of());
    }

    /** 422: well-formed, but this member can not be that. */
    static Problem invalid(String field, String detail) {
        return new Problem(422, detail, field, Map.of());
    }

    /** 401; what was presented is not told back. */
    static Problem unauthorized() {
        return new Problem(401, "a bearer token is needed here", null, Map.of("WWW-Authenticate", "Bearer"));
    }

    static Problem forbidden(String scope) {
        return of(403, "this needs a token with the scope " + scope);
    }

    static Problem notFound(String detail) {
        return of(404, detail);
    }

    static Problem methodNotAllowed(String allowed) {
        return new Problem(405, "this path answers " + allowed, null, Map.of("Allow", allowed));
    }

    static Problem conflict(String detail) {
        return of(409, detail);
    }

    static Problem unsupportedMediaType(String detail) {
        return of(415, detail);
    }

    /** 503: the same again, a little later. */
    static Problem unavailable(String detail) {
        return unavailable(detail, USUAL_PAUSE);
    }

    private static Problem unavailable(String detail, Duration pause) {
        return new Problem(503, detail, null, Map.of("Retry-After", Long.toString(Math.max(1, pause.toSeconds()))));
    }

    private static Problem of(int status, String detail) {
        return new Problem(status, detail, null, Map.of());
    }

    /** A status that the HTTP server or the router came to by itself. */
    static Problem of(int status) {
        return switch (status) {
            case 404 -> notFound("there is nothing at this path");
            case 413 -> of(413, "a body is at most 64 KiB here");
            case 414 -> of(414, "the request line is too long");
            case 431 -> of(431, "the headers are too long");
            default -> of(status >= 400 && status < 500 ? status : 400, "the request is not valid HTTP");
        };
    }

    /** The problem that a failure is for the caller. What is not foreseen is logged here, under the id the caller is told. */
    static Problem of(Throwable failure) {
        if (failure instanceof Problem known) {
            return known;
        }
        if (failure instanceof IngestException known) {
            return of(known);
        }
        if (failure instanceof TimeoutException) {
            return unavailable("no answer in time");
        }
        if (failure instanceof HttpException known) {
            return of(known.getStatusCode());
        }
        String id = Integer.toHexString(ThreadLocalRandom.current().nextInt() | 0x1000_0000);
        LOG.error("event=request-failed error={}", id, failure);
        return of(500, "this is a bug; the log has it as error " + id);
    }

    private static Problem of(IngestException failure) {
        LOG.warn("event=request-refused kind={} reason={}", failure.kind(), failure.toString());
        // ReadFailed names the store that could not be read; other messages may name hosts
        String detail = failure instanceof ReadFailed ? String.valueOf(failure.getMessage()) : null;
        return switch (failure.kind()) {
            case TRANSIENT ->
                unavailable(
                        detail != null ? detail : "a server that is needed for this does not answer", pause(failure));
            case REJECTED -> of(422, "this can not be done in this form");
            case CONFLICT -> conflict("somebody else has done this or is doing it");
        };
    }

    private static Duration pause(IngestException failure) {
        return failure instanceof SourceFailed source ? source.retryAfter().orElse(USUAL_PAUSE) : USUAL_PAUSE;
    }

    int status() {
        return status;
    }

    /** {@code type} is about:blank, so {@code title} is the status in words (RFC 9457, 4.2.1). */
    Answer answer() {
        ObjectNode body = RunJson.object()
                .put("type", "about:blank")
                .put("title", HttpResponseStatus.valueOf(status).reasonPhrase())
                .put("status", status)
                .put("detail", String.valueOf(getMessage()));
        if (field != null) {
            body.put("field", field);
        }
        return new Answer(status, "application/problem+json", RunJson.bytes(body), headers);
    }
}
