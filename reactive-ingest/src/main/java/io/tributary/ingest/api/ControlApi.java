package io.tributary.ingest.api;

import static io.vertx.core.http.HttpMethod.GET;
import static io.vertx.core.http.HttpMethod.POST;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.tributary.ingest.ledger.RunLedger;
import io.tributary.ingest.reconcile.CountedUsers;
import io.tributary.ingest.reconcile.Reconciler;
import io.tributary.ingest.reconcile.Windows;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The control API over HTTP/1.1. A request goes through: its whole body within bounds, the path's handler, which checks
 * what was said ({@link Params}, {@link NewRunReader}), an operation ({@link Operations}), the answer ({@link Bridge}).
 * Every failure on that way is answered as a {@link Problem}.
 */
public final class ControlApi {
    private static final Logger LOG = LoggerFactory.getLogger(ControlApi.class);
    private static final int USUAL_RUNS = 50;
    private static final int USUAL_WINDOWS = 20;
    private static final int TOO_LARGE = 413;

    private final Vertx vertx;
    private final ApiLimits limits;
    private final Operations operations;
    private final RunEvents events;
    private final Gate listeners;
    private final ConnectionDeadlines deadlines;
    private final Bridge bridge;
    private final HttpServer server;

    /**
     * Does not listen yet.
     *
     * @param metrics Prometheus text
     * @param onRunCreated wakes the workers; returns at once
     */
    public ControlApi(
            Vertx vertx,
            RunLedger ledger,
            Reconciler reconciler,
            CountedUsers counted,
            Windows windows,
            Health health,
            Supplier<String> metrics,
            Runnable onRunCreated) {
        this(
                vertx,
                ledger,
                reconciler,
                counted,
                windows,
                health,
                metrics,
                onRunCreated,
                ApiLimits.DEFAULT,
                Schedulers.parallel());
    }

    ControlApi(
            Vertx vertx,
            RunLedger ledger,
            Reconciler reconciler,
            CountedUsers counted,
            Windows windows,
            Health health,
            Supplier<String> metrics,
            Runnable onRunCreated,
            ApiLimits limits,
            Scheduler scheduler) {
        this.vertx = vertx;
        this.limits = limits;
        RunViews views = new RunViews(ledger, counted, limits.counted(), scheduler);
        Gate reconciliations = new Gate(limits.reconciliations(), "other reconciliations are running");
        this.operations = new Operations(
                ledger, views, reconciler, windows, health, metrics, onRunCreated, reconciliations, limits, scheduler);
        this.events = new RunEvents(views, limits, scheduler);
        this.listeners = new Gate(limits.eventClients(), "too many listeners");
        this.deadlines = new ConnectionDeadlines(vertx, limits);
        this.bridge = new Bridge(vertx, deadlines, limits);
        this.server = server();
    }

    /** Cold, once. The port that it listens on: {@code port}, or a free one when that is 0. */
    public Mono<Integer> start(String host, int port) {
        return Mono.fromCompletionStage(() -> server.listen(port, host).toCompletionStage())
                .map(HttpServer::actualPort)
                .doOnNext(actual -> LOG.info("event=listening host={} port={}", host, actual));
    }

    /** Cold. Connections are cut, and with them what they wait for. */
    public Mono<Void> close() {
        return Mono.fromCompletionStage(() -> server.close().toCompletionStage());
    }

    private HttpServer server() {
        HttpServerOptions options = new HttpServerOptions()
                .setMaxInitialLineLength(ApiLimits.LINE_BYTES)
                .setMaxHeaderSize(ApiLimits.HEADER_BYTES)
                .setHttp2ClearTextEnabled(false)
                .setCompressionSupported(false)
                .setDecompressionSupported(false);
        return vertx.createHttpServer(options)
                .connectionHandler(deadlines::opened)
                .invalidRequestHandler(this::notHttp)
                .requestHandler(router());
    }

    private Router router() {
        Router router = Router.router(vertx);
        router.route().handler(this::begin);
        router.route().handler(BodyHandler.create(false).setBodyLimit(limits.bodyBytes()));
        router.route().handler(ctx -> {
            deadlines.working(ctx.request());
            ctx.next();
        });
        operations(router);
        router.route().handler(ctx -> ctx.fail(404));
        router.route().failureHandler(this::failed);
        return router;
    }

    /** The router takes a broken escape in a path for a bug of its own, so it never sees one. */
    private void begin(RoutingContext ctx) {
        deadlines.began(ctx.request());
        try {
            ctx.normalizedPath();
        } catch (IllegalArgumentException e) {
            bridge.sendAndClose(
                    ctx.request(),
                    Problem.malformed("the path has a broken escape").answer());
            return;
        }
        ctx.next();
    }

    private void operations(Router router) {
        path(router, "/api/v1/runs", Map.of(GET, answering(this::listRuns), POST, answering(this::createRun)));
        path(router, "/api/v1/runs/:id", Map.of(GET, answering(this::getRun)));
        path(router, "/api/v1/runs/:id/events", Map.of(GET, this::listenToRun));
        path(router, "/api/v1/runs/:id/reconciliation", Map.of(GET, answering(this::reconcileRun)));
        path(router, "/api/v1/runs/:id/cancel", Map.of(POST, answering(this::cancelRun)));
        path(router, "/api/v1/windows", Map.of(GET, answering(this::listWindows)));
        path(router, "/health/live", Map.of(GET, answering(ctx -> operations.live())));
        path(router, "/health/ready", Map.of(GET, answering(ctx -> operations.ready())));
        path(router, "/metrics", Map.of(GET, answering(ctx -> operations.scrape())));
    }

    private static void path(Router router, String path, Map<HttpMethod, Handler<RoutingContext>> handlers) {
        handlers.forEach((method, handler) -> router.route(method, path).handler(handler));
        String allowed =
                handlers.keySet().stream().map(HttpMethod::name).sorted().collect(Collectors.joining(", "));
        router.route(path).handler(ctx -> ctx.fail(Problem.methodNotAllowed(allowed)));
    }

    private Handler<RoutingContext> answering(Function<RoutingContext, Mono<Answer>> operation) {
        return ctx -> bridge.answer(ctx, operation.apply(ctx));
    }

    private Mono<Answer> createRun(RoutingContext ctx) {
        Params.onlyQuery(ctx, Set.of());
        Params.onlyJson(ctx.request());
        String key = Params.idempotencyKey(ctx.request());
        Buffer body = ctx.body().buffer();
        return operations.create(NewRunReader.read(key, body == null ? new byte[0] : body.getBytes()));
    }

    private Mono<Answer> listRuns(RoutingContext ctx) {
        Params.onlyQuery(ctx, Set.of("limit"));
        return operations.runs(Params.limit(ctx, USUAL_RUNS));
    }

    private Mono<Answer> getRun(RoutingContext ctx) {
        Params.onlyQuery(ctx, Set.of());
        return operations.run(Params.runId(ctx));
    }

    private void listenToRun(RoutingContext ctx) {
        Params.onlyQuery(ctx, Set.of());
        bridge.stream(ctx, listeners.pass(events.listen(Params.runId(ctx))));
    }

    private Mono<Answer> reconcileRun(RoutingContext ctx) {
        Params.onlyQuery(ctx, Set.of("deep"));
        return operations.reconcile(Params.runId(ctx), Params.deep(ctx));
    }

    private Mono<Answer> cancelRun(RoutingContext ctx) {
        Params.onlyQuery(ctx, Set.of());
        return operations.cancel(Params.runId(ctx));
    }

    private Mono<Answer> listWindows(RoutingContext ctx) {
        Params.onlyQuery(ctx, Set.of("limit"));
        return operations.windows(Params.limit(ctx, USUAL_WINDOWS));
    }

    private void failed(RoutingContext ctx) {
        Throwable failure = ctx.failure();
        if (failure instanceof HttpClosedException) {
            return; // nobody is there any more
        }
        Problem problem = failure == null ? Problem.of(ctx.statusCode()) : Problem.of(failure);
        if (problem.status() == TOO_LARGE) {
            bridge.sendAndClose(ctx.request(), problem.answer());
        } else {
            bridge.send(ctx.request(), problem.answer());
        }
    }

    /** What the decoder refused: no request that a router could see. */
    private void notHttp(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        int status = cause instanceof TooLongHttpLineException
                ? 414
                : cause instanceof TooLongHttpHeaderException ? 431 : 400;
        bridge.sendAndClose(request, Problem.of(status).answer());
    }
}
