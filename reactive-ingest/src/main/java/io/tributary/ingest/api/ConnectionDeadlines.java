package io.tributary.ingest.api;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Closes a connection that sends its request, or takes its answer, too slowly, and every one above the limit. An idle
 * timeout would not do: a header at one byte a second is never idle, and a deep reconciliation is idle for minutes.
 *
 * <pre>
 * receive: opening or end of an answer -> last byte of the next request    limited
 * work:    -> answer ready, or an event stream that is read                 not limited here
 * send:    -> last byte of the answer, or room for the next event           limited
 * </pre>
 *
 * <p>A connection's methods are called on its event loop.
 */
final class ConnectionDeadlines {
    private final Vertx vertx;
    private final ApiLimits limits;
    private final Map<HttpConnection, Held> open = new ConcurrentHashMap<>();

    ConnectionDeadlines(Vertx vertx, ApiLimits limits) {
        this.vertx = vertx;
        this.limits = limits;
    }

    private static final class Held {
        private @Nullable Long timer;
        private @Nullable HttpServerRequest current;
    }

    void opened(HttpConnection connection) {
        if (open.size() >= limits.connections()) {
            cut(connection);
            return;
        }
        Held held = new Held();
        open.put(connection, held);
        connection.closeHandler(closed -> {
            stop(held);
            open.remove(connection);
        });
        start(connection, limits.receive());
    }

    /** The header of a request is here. */
    void began(HttpServerRequest request) {
        Held held = open.get(request.connection());
        if (held != null) {
            held.current = request;
        }
    }

    void working(HttpServerRequest request) {
        Held held = open.get(request.connection());
        if (held != null) {
            stop(held);
        }
    }

    void sending(HttpServerRequest request) {
        start(request.connection(), limits.send());
    }

    /** The answer is sent; a client that pipelines may have begun its next request before. */
    void answered(HttpServerRequest request) {
        Held held = open.get(request.connection());
        if (held != null && held.current == request) {
            start(request.connection(), limits.receive());
        }
    }

    /** No other request on this connection: it is closed once its client had time to read the answer. */
    void farewell(HttpServerRequest request) {
        start(request.connection(), limits.linger());
    }

    private void start(HttpConnection connection, Duration time) {
        Held held = open.get(connection);
        if (held != null) {
            stop(held);
            held.timer = vertx.setTimer(time.toMillis(), due -> cut(connection));
        }
    }

    private void stop(Held held) {
        if (held.timer != null) {
            vertx.cancelTimer(held.timer);
            held.timer = null;
        }
    }

    /** Vert.x's own close waits for what is still to be written, and with a reader that does not read for ever. */
    private static void cut(HttpConnection connection) {
        if (connection instanceof ConnectionBase held) {
            var unused = held.channelHandlerContext().close();
        } else {
            connection.close();
        }
    }
}
