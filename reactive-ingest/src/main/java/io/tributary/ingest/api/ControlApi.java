package io.tributary.ingest.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.tributary.ingest.model.NewRun;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.InputTrustHandler;
import io.vertx.ext.web.handler.PlatformHandler;
import io.vertx.ext.web.openapi.router.OpenAPIRoute;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import io.vertx.openapi.contract.Path;
import io.vertx.openapi.validation.ValidatorException;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The control API over HTTP/1.1, routed and checked by its {@link Contract}. A request goes through: its whole body within
 * bounds, the token ({@link Bearer}), the contract's check of what was {@link Asked}, an operation ({@link Operations}), the
 * answer ({@link Bridge}). Every failure on that way is answered as a {@link Problem}.
 */
public final class ControlApi {
    private static final Logger LOG = LoggerFactory.getLogger(ControlApi.class);
    private static final int TOO_LARGE = 413;

    private final Vertx vertx;
    private final ApiLimits limits;
    private final Operations operations;
    private final RunEvents events;
    private final LiveEvents live;
    private final PageFiles page = new PageFiles();
    private final Gate listeners;
    private final ConnectionDeadlines deadlines;
    private final Bridge bridge;
    private final Guard guard;
    private final Access access;
    private Runnable stopRereading = () -> {};
    private volatile @Nullable HttpServer server;

    /** Does not listen yet. Throws {@code BadConfig} when the tokens can not be read. */
    public ControlApi(Vertx vertx, Services services, Access access) {
        this(vertx, services, access, ApiLimits.DEFAULT, Schedulers.parallel());
    }

    ControlApi(Vertx vertx, Services services, Access access, ApiLimits limits, Scheduler scheduler) {
        this.vertx = vertx;
        this.limits = limits;
        this.access = access;
        RunViews views = new RunViews(services.ledger(), services.counted(), limits.counted(), scheduler);
        this.operations = new Operations(
                services,
                views,
                new Gate(limits.reconciliations(), "other reconciliations are running"),
                new Gate(limits.plans(), "another plan is being tried"),
                limits,
                scheduler);
        this.events = new RunEvents(views, limits, scheduler);
        this.live = new LiveEvents(services.live(), limits, scheduler);
        this.listeners = new Gate(limits.eventClients(), "too many listeners");
        this.deadlines = new ConnectionDeadlines(vertx, limits);
        this.bridge = new Bridge(vertx, deadlines, limits);
        this.guard = guard();
    }

    private Guard guard() {
        if (access.tokens().isEmpty()) {
            return Guard.OPEN;
        }
        Bearer bearer = new Bearer(access.tokens().get());
        stopRereading = bearer.rereadOn(vertx, Bearer.REREAD);
        return bearer;
    }

    /** Cold, once. The port that it listens on: {@code port}, or a free one when that is 0. */
    public Mono<Integer> start(String host, int port) {
        return Contract.load(vertx)
                .publishOn(Schedulers.boundedElastic()) // routes and validators are made: long, for an event loop
                .flatMap(contract -> Mono.fromCompletionStage(() -> {
                    HttpServer starting = server(contract);
                    server = starting;
                    return starting.listen(port, host).toCompletionStage();
                }))
                .map(HttpServer::actualPort)
                .doOnNext(actual -> LOG.info(
                        "event=listening host={} port={} tls={} tokens={}",
                        host,
                        actual,
                        access.tls().isPresent(),
                        access.tokens().isPresent()));
    }

    /** Cold. Connections are cut, and with them what they wait for. */
    public Mono<Void> close() {
        return Mono.defer(() -> {
            stopRereading.run();
            HttpServer running = server;
            return running == null
                    ? Mono.empty()
                    : Mono.fromCompletionStage(() -> running.close().toCompletionStage());
        });
    }

    private HttpServer server(Contract contract) {
        HttpServerOptions options = new HttpServerOptions()
                .setMaxInitialLineLength(ApiLimits.LINE_BYTES)
                .setMaxHeaderSize(ApiLimits.HEADER_BYTES)
                .setUseAlpn(false) // HTTP/1.1 only: the deadlines know one request a connection
                .setHttp2ClearTextEnabled(false)
                .setCompressionSupported(false)
                .setDecompressionSupported(false);
        access.tls()
                .ifPresent(tls -> options.setSsl(true)
                        .setKeyCertOptions(new PemKeyCertOptions()
                                .setCertPath(tls.certificate().toString())
                                .setKeyPath(tls.key().toString())));
        return vertx.createHttpServer(options)
                .connectionHandler(deadlines::opened)
                .invalidRequestHandler(this::notHttp)
                .requestHandler(router(contract));
    }

    /** The order is Vert.x': platform, body, the contract's check, which begins with the token, the operation. */
    private Router router(Contract contract) {
        PlatformHandler begin = this::begin;
        InputTrustHandler working = ctx -> {
            deadlines.working(ctx.request());
            ctx.next();
        };
        RouterBuilder builder = RouterBuilder.create(vertx, contract.openApi(), new Asked(guard))
                .rootHandler(begin)
                .rootHandler(BodyHandler.create(false).setBodyLimit(limits.bodyBytes()))
                .rootHandler(working);
        handlers(contract).forEach((operation, handler) -> {
            OpenAPIRoute route = builder.getRoute(operation);
            if (route == null) {
                throw new IllegalStateException(operation + " is not in the contract");
            }
            route.setDoSecurity(false).addHandler(handler); // its tokens are JWTs: ours are asked for in Asked
        });
        Router router = builder.createRouter();
        contract.openApi().getPaths().forEach(path -> otherMethods(router, path));
        router.route().handler(ctx -> ctx.fail(404));
        router.route().failureHandler(this::failed);
        return router;
    }

    private static void otherMethods(Router router, Path path) {
        String allowed = path.getOperations().stream()
                .map(operation -> operation.getHttpMethod().name())
                .sorted()
                .collect(Collectors.joining(", "));
        router.route(path.getName().replaceAll("\\{(\\w+)}", ":$1"))
                .handler(ctx -> ctx.fail(Problem.methodNotAllowed(allowed)));
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

    /** By operation id. */
    private Map<String, Handler<RoutingContext>> handlers(Contract contract) {
        return Map.ofEntries(
                Map.entry("listRuns", answering(ctx -> operations.runs(Asked.limit(ctx)))),
                Map.entry("createRun", answering(ctx -> operations.create(newRun(ctx)))),
                Map.entry("getRun", answering(ctx -> operations.run(Asked.id(ctx)))),
                Map.entry("listenToRun", ctx -> bridge.stream(ctx, listeners.pass(events.listen(Asked.id(ctx))))),
                Map.entry("watch", ctx -> bridge.stream(ctx, listeners.pass(live.watch()))),
                Map.entry("getPage", answering(ctx -> page.index())),
                Map.entry("getPageFile", answering(ctx -> page.file(ctx.pathParam("file")))),
                Map.entry(
                        "reconcileRun", answering(ctx -> operations.reconcile(Asked.id(ctx), Asked.flag(ctx, "deep")))),
                Map.entry("cancelRun", answering(ctx -> operations.cancel(Asked.id(ctx)))),
                Map.entry("redriveRun", answering(ctx -> operations.redrive(Asked.id(ctx)))),
                Map.entry("replayRun", answering(ctx -> operations.replay(Asked.id(ctx), topic(ctx)))),
                Map.entry("getReplay", answering(ctx -> operations.getReplay(Asked.id(ctx)))),
                Map.entry("planRun", answering(ctx -> operations.plan(newRun(ctx)))),
                Map.entry("listWindows", answering(ctx -> operations.windows(Asked.windows(ctx)))),
                Map.entry("getConfig", answering(ctx -> operations.config())),
                Map.entry(
                        "getContract",
                        answering(ctx -> Mono.just(new Answer(200, "application/json", contract.json(), Map.of())))),
                Map.entry(
                        "getContractAsYaml",
                        answering(ctx -> Mono.just(Answer.text("application/yaml", contract.yaml())))),
                Map.entry("isLive", answering(ctx -> operations.live())),
                Map.entry("isReady", answering(ctx -> operations.ready())),
                Map.entry("getMetrics", answering(ctx -> operations.scrape())));
    }

    private Handler<RoutingContext> answering(Function<RoutingContext, Mono<Answer>> operation) {
        return ctx -> bridge.answer(ctx, operation.apply(ctx));
    }

    /** A plan needs no key. */
    private static NewRun newRun(RoutingContext ctx) {
        String key = ctx.request().getHeader("Idempotency-Key");
        return NewRunReader.read(key == null ? "" : key, Objects.requireNonNull(Asked.body(ctx)));
    }

    private static @Nullable String topic(RoutingContext ctx) {
        JsonNode body = Asked.body(ctx);
        return body == null || !body.hasNonNull("topic")
                ? null
                : body.get("topic").textValue();
    }

    private void failed(RoutingContext ctx) {
        Throwable failure = ctx.failure();
        if (failure instanceof HttpClosedException) {
            return; // nobody is there any more
        }
        Problem problem = failure == null
                ? Problem.of(ctx.statusCode())
                : failure.getCause() instanceof ValidatorException found
                        ? Violation.of(Asked.operation(ctx), found)
                        : Problem.of(failure);
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
