package io.tributary.randomuser;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.security.SecureRandom;
import java.time.LocalDate;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** A running stand-in for randomuser.me. It answers until it is closed; every method may be called from any thread. */
public final class RandomUserServer implements AutoCloseable {
    private static final int START_OR_STOP_SECONDS = 30;
    private static final int MOST_REQUEST_LINE_BYTES = 16 * 1024;

    private final Vertx vertx;
    private final RandomUserOptions options;
    private final HttpServer http;
    private final FaultQueue faults;
    private final Counters counters;
    private final Today today;

    private RandomUserServer(RandomUserOptions options) {
        this.options = options;
        this.vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        this.faults = new FaultQueue();
        this.counters = new Counters();
        this.today = new Today(options.clock(), options.today());
        WorkerExecutor workers = vertx.createSharedWorkerExecutor("randomuser-page", options.workers());
        Api api = new Api(
                new Quota(options.quota(), options.quotaWindow(), options.clock()),
                faults,
                counters,
                today,
                new Bodies(new PreparedBodies(options.preparedBytes())),
                workers,
                new Delivery(vertx),
                freshSeeds());
        Control control = new Control(faults, counters, today);
        this.http = vertx.createHttpServer(new HttpServerOptions().setMaxInitialLineLength(MOST_REQUEST_LINE_BYTES))
                .requestHandler(request -> route(request, api, control));
    }

    /**
     * Listens when it returns.
     *
     * @throws IllegalStateException when the address can not be had
     */
    public static RandomUserServer start(RandomUserOptions options) {
        RandomUserServer server = new RandomUserServer(options);
        try {
            await(server.http.listen(options.port(), options.host()));
            return server;
        } catch (IllegalStateException e) {
            server.close();
            throw e;
        }
    }

    public int port() {
        return http.actualPort();
    }

    /** Such as {@code http://127.0.0.1:8123/api/}. */
    public URI apiUri() {
        return URI.create("http://" + options.host() + ":" + port() + "/api/");
    }

    public Stats stats() {
        return counters.stats(faults.remaining());
    }

    public void clearStats() {
        counters.clear();
    }

    /** In place of all faults before; an empty list ends them. */
    public void faults(List<Fault> newFaults) {
        faults.replace(newFaults);
    }

    public void faults(Fault... newFaults) {
        faults(List.of(newFaults));
    }

    /** From now on ages are counted to this day: the same seed and page answer other bytes. */
    public void today(LocalDate date) {
        today.set(Optional.of(date));
    }

    /** Ends all connections, stalled ones too. */
    @Override
    public void close() {
        await(vertx.close());
    }

    private static void route(HttpServerRequest request, Api api, Control control) {
        String path = String.valueOf(request.path());
        boolean reads = HttpMethod.GET.equals(request.method()) || HttpMethod.HEAD.equals(request.method());
        try {
            if (path.startsWith("/_control/")) {
                control.handle(request);
            } else if (reads && path.matches("/api(/" + Pages.VERSION + ")?/?")) {
                api.handle(request);
            } else if (reads && path.equals("/health/live")) {
                Answers.plain(request.response(), 200, "up");
            } else {
                Answers.plain(request.response(), 404, "Not Found");
            }
        } catch (IllegalArgumentException e) { // a query that can not be decoded
            Answers.plain(request.response(), 400, "Bad Request");
        }
    }

    private static Supplier<String> freshSeeds() {
        SecureRandom random = new SecureRandom();
        return () -> {
            byte[] bytes = new byte[8];
            random.nextBytes(bytes);
            return HexFormat.of().formatHex(bytes);
        };
    }

    private static <T> void await(Future<T> future) {
        try {
            future.toCompletionStage().toCompletableFuture().get(START_OR_STOP_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IllegalStateException(String.valueOf(cause.getMessage()), cause);
        }
    }
}
