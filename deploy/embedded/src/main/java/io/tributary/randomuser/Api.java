package io.tributary.randomuser;

import io.vertx.core.Handler;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /api/}: quota, then faults, then the page. On the event loop, pages are made by the workers.
 *
 * @param freshSeed 16 hex digits for requests without a seed
 */
record Api(
        Quota quota,
        FaultQueue faults,
        Counters counters,
        Today today,
        Bodies bodies,
        WorkerExecutor workers,
        Delivery delivery,
        Supplier<String> freshSeed) {
    private static final Logger LOG = LoggerFactory.getLogger(Api.class);

    void handle(HttpServerRequest request) {
        Query query = Query.parse(request.params(), freshSeed);
        counters.started(query.page());
        HttpServerResponse response = request.response();
        AtomicBoolean inFlight = new AtomicBoolean(true);
        Handler<Void> ended = done -> {
            if (inFlight.getAndSet(false)) {
                counters.ended();
            }
        };
        response.endHandler(ended).closeHandler(ended); // one or the other, or both
        String address = address(request);
        if (quota.refuses(address)) {
            counters.refused();
            Answers.overQuota(response, quota.asked(address));
            return;
        }
        FaultQueue.Strike strike = faults.next(query.page(), query.seed());
        if (!strike.none()) {
            counters.faulted();
        }
        if (strike.instead().isPresent()) {
            Answers.instead(response, strike.instead().get(), quota.asked(address));
            return;
        }
        quota.count(address, query.results());
        counters.asked(query.results());
        if (query.broken()) {
            Answers.ownTrouble(response, 500);
        } else {
            answer(request, query, strike);
        }
    }

    private void answer(HttpServerRequest request, Query query, FaultQueue.Strike strike) {
        LocalDate date = today.date();
        boolean gzip = acceptsGzip(request);
        List<Fault> content = strike.content();
        workers.executeBlocking(() -> bodies.body(query, date, gzip, content), false)
                .onSuccess(body -> send(request, body, strike.delivery()))
                .onFailure(failure -> {
                    LOG.error("page={} users={} outcome=failed", query.page(), query.results(), failure);
                    Answers.ownTrouble(request.response(), 500);
                });
    }

    private void send(HttpServerRequest request, Body body, Optional<Fault> fault) {
        if (request.response().closed()) {
            return;
        }
        if (fault.isEmpty() && body.tag().equals(request.getHeader(HttpHeaders.IF_NONE_MATCH))) {
            request.response()
                    .setStatusCode(304)
                    .putHeader(HttpHeaders.ETAG, body.tag())
                    .end();
        } else {
            delivery.send(request, body, fault);
        }
    }

    /** The client's, which a proxy in front would name; so one machine can play several. */
    private static String address(HttpServerRequest request) {
        for (String header : List.of("x-real-ip", "x-forwarded-for")) {
            String named = request.getHeader(header);
            if (named != null) {
                return named;
            }
        }
        return request.remoteAddress().hostAddress();
    }

    /** @return gzip or * is listed, and not with a weight of 0 */
    private static boolean acceptsGzip(HttpServerRequest request) {
        String accepted = request.getHeader(HttpHeaders.ACCEPT_ENCODING);
        return accepted != null
                && Arrays.stream(accepted.toLowerCase(Locale.ROOT).split(",", -1))
                        .map(item -> item.replace(" ", ""))
                        .filter(item -> item.equals("gzip") || item.startsWith("gzip;") || item.equals("*"))
                        .anyMatch(item -> !item.matches("gzip;q=0(\\.0*)?"));
    }
}
