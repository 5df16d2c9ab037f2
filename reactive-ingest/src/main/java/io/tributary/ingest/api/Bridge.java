package io.tributary.ingest.api;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.Objects;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Where Reactor becomes Vert.x: the only place of this package that subscribes. Work completes on any thread; answers are
 * written on the connection's event loop. A caller that goes away cancels its work.
 */
final class Bridge {
    private final Vertx vertx;
    private final ConnectionDeadlines deadlines;
    private final ApiLimits limits;

    Bridge(Vertx vertx, ConnectionDeadlines deadlines, ApiLimits limits) {
        this.vertx = vertx;
        this.deadlines = deadlines;
        this.limits = limits;
    }

    /** Answers with what the work comes to, or with the problem that its failure is. */
    void answer(RoutingContext ctx, Mono<Answer> work) {
        Context loop = vertx.getOrCreateContext();
        Disposable running = work.switchIfEmpty(
                        Mono.error(() -> new IllegalStateException("an operation without answer")))
                .onErrorResume(failure -> Mono.just(Problem.of(failure).answer()))
                .subscribe(answer -> loop.runOnContext(now -> send(ctx.request(), answer)));
        ctx.response().closeHandler(gone -> running.dispose());
    }

    /** Answers with an event stream, started by its first frame; a failure before that is answered as a problem. */
    void stream(RoutingContext ctx, Flux<String> frames) {
        Stream stream = new Stream(ctx.request(), vertx.getOrCreateContext());
        ctx.response().closeHandler(gone -> stream.gone());
        frames.subscribe(stream);
    }

    /** Event loop only. */
    void send(HttpServerRequest request, Answer answer) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        deadlines.sending(request);
        head(response, answer.contentType()).setStatusCode(answer.status());
        answer.headers().forEach(response::putHeader);
        response.end(answer.body()).onComplete(sent -> deadlines.answered(request));
    }

    /** As {@link #send}, for a request whose rest is not worth reading. */
    void sendAndClose(HttpServerRequest request, Answer answer) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        deadlines.farewell(request);
        head(response, answer.contentType())
                .setStatusCode(answer.status())
                .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
                .end(answer.body());
    }

    private static HttpServerResponse head(HttpServerResponse response, String contentType) {
        return response.putHeader(HttpHeaders.CONTENT_TYPE, contentType)
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader("X-Content-Type-Options", "nosniff");
    }

    /** One listener. Asks for the next frame when the connection has room for it: what it does not take is not made. */
    private final class Stream extends BaseSubscriber<String> {
        private final HttpServerRequest request;
        private final HttpServerResponse response;
        private final Context loop;
        private long heartbeat = -1;

        Stream(HttpServerRequest request, Context loop) {
            this.request = request;
            this.response = request.response();
            this.loop = loop;
        }

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            request(1);
        }

        @Override
        protected void hookOnNext(String frame) {
            loop.runOnContext(now -> {
                if (!response.closed()) {
                    begin();
                    response.write(frame);
                    whenThereIsRoom();
                }
            });
        }

        @Override
        protected void hookOnComplete() {
            loop.runOnContext(now -> end(""));
        }

        @Override
        protected void hookOnError(Throwable failure) {
            Problem problem = Problem.of(failure);
            loop.runOnContext(now -> {
                if (response.headWritten()) {
                    end(": " + Objects.requireNonNullElse(problem.getMessage(), "") + "\n\n");
                } else {
                    send(request, problem.answer());
                }
            });
        }

        private void begin() {
            if (!response.headWritten()) {
                head(response, "text/event-stream").setChunked(true);
                heartbeat = vertx.setPeriodic(limits.heartbeat().toMillis(), tick -> {
                    if (!response.writeQueueFull()) {
                        response.write(":\n\n");
                    }
                });
            }
        }

        private void whenThereIsRoom() {
            if (!response.writeQueueFull()) {
                request(1);
                return;
            }
            deadlines.sending(request);
            response.drainHandler(drained -> {
                deadlines.working(request);
                request(1);
            });
        }

        private void end(String lastWords) {
            vertx.cancelTimer(heartbeat);
            if (!response.closed()) {
                deadlines.sending(request);
                response.end(lastWords).onComplete(sent -> deadlines.answered(request));
            }
        }

        void gone() {
            vertx.cancelTimer(heartbeat);
            cancel();
        }
    }
}
