package io.tributary.ingest.source;

import io.tributary.ingest.model.IngestException.SourceFailed;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.streams.WriteStream;
import io.vertx.ext.web.client.impl.HttpContext;
import io.vertx.ext.web.codec.BodyCodec;
import io.vertx.ext.web.codec.spi.BodyStream;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One GET under way: the Web Client's codec for its body, which keeps the bytes as received up to a cap, and the hold on
 * the request that the Web Client itself does not give, so that a cancel ends it wherever it is: waiting for a connection,
 * before the answer, in the middle of the body.
 *
 * <p>Everything but {@link #cancel} runs on the request's event loop.
 */
final class Exchange implements BodyCodec<Answer>, BodyStream<Answer> {
    /** Of a body that is not a page and only read for its {@code error}. */
    private static final int MAX_ERROR_BYTES = 64 * 1024;

    private static final int FIRST_BYTES = 16 * 1024;
    private static final int OK = 200;

    private final int maxBodyBytes;
    private final Promise<Answer> answer = Promise.promise();

    private volatile boolean isCancelled;
    private volatile @Nullable HttpClientRequest request;
    private @Nullable HttpClientResponse response;
    private byte[] bytes = new byte[0];
    private int length;

    Exchange(int maxBodyBytes) {
        this.maxBodyBytes = maxBodyBytes;
    }

    /** The Web Client's interceptor: shows each exchange the request and the response that are its own. */
    static void accompany(HttpContext<?> context) {
        if (!(context.request().bodyCodec() instanceof Exchange exchange)) {
            context.next();
            return;
        }
        SourceFailed refusal = switch (context.phase()) {
            case SEND_REQUEST -> exchange.send(context.clientRequest());
            case RECEIVE_RESPONSE -> exchange.receive(context.clientResponse());
            default -> null;
        };
        if (refusal == null) {
            context.next();
        } else {
            context.fail(refusal);
        }
    }

    /** Ends the request for a subscriber that is gone. From any thread, at any moment, also more than once. */
    void cancel() {
        isCancelled = true;
        reset();
    }

    /**
     * Ends a request that failed. The Web Client leaves it alone once the answer has begun: a refused body would come to its
     * end, if it has one, with a connection of ours.
     */
    void abandon() {
        HttpClientResponse begun = response;
        try {
            if (begun != null) {
                begun.exceptionHandler(Exchange::saidElsewhere);
            }
            reset();
        } catch (IllegalStateException e) {
            // it has ended by itself, and its connection with it
        }
    }

    private void reset() {
        HttpClientRequest sent = request;
        if (sent != null) {
            sent.reset();
        }
    }

    /** Without a handler Vert.x logs an error with its stack for what fails the request as well. */
    private static void saidElsewhere(Throwable failure) {}

    boolean isCancelled() {
        return isCancelled;
    }

    private @Nullable SourceFailed send(HttpClientRequest connected) {
        connected.exceptionHandler(Exchange::saidElsewhere);
        connected.connection().exceptionHandler(Exchange::saidElsewhere);
        request = connected; // before the look: a cancel from now on resets it
        return isCancelled ? Refusal.later("cancelled before it was sent") : null;
    }

    private @Nullable SourceFailed receive(HttpClientResponse received) {
        response = received;
        long announced = announcedLength(received);
        if (announced > maxBytes()) {
            return tooLong(received);
        }
        bytes = new byte[announced > 0 ? (int) announced : FIRST_BYTES];
        return null;
    }

    private static long announcedLength(HttpClientResponse received) {
        String header = received.getHeader(HttpHeaders.CONTENT_LENGTH);
        return header != null && header.matches("[0-9]{1,18}") ? Long.parseLong(header) : 0;
    }

    private int maxBytes() {
        return status() == OK ? maxBodyBytes : MAX_ERROR_BYTES;
    }

    private int status() {
        return Objects.requireNonNull(response, "a response").statusCode();
    }

    private SourceFailed tooLong(HttpClientResponse received) {
        return status() == OK
                ? Refusal.never("the body is longer than " + maxBodyBytes + " bytes")
                : Answer.refusal(status(), received.headers());
    }

    @Override
    public BodyStream<Answer> stream() {
        return this;
    }

    @Override
    public Future<Void> write(Buffer chunk) {
        int needed = length + chunk.length();
        if (needed > maxBytes()) {
            return Future.failedFuture(tooLong(Objects.requireNonNull(response, "a response")));
        }
        if (needed > bytes.length) { // one array: a buffer for each chunk costs 100 bytes, also where the chunk has one
            bytes = Arrays.copyOf(bytes, (int) Math.min(maxBytes(), Math.max(needed, 2L * bytes.length)));
        }
        chunk.getBytes(bytes, length);
        length = needed;
        return Future.succeededFuture();
    }

    @Override
    public Future<Void> end() {
        HttpClientResponse received = Objects.requireNonNull(response, "a response");
        answer.tryComplete(new Answer(received.statusCode(), received.headers(), bytes, length));
        return Future.succeededFuture();
    }

    @Override
    public Future<Answer> result() {
        return answer.future();
    }

    @Override
    public void handle(Throwable failure) {
        answer.tryFail(failure);
    }

    @Override
    public boolean writeQueueFull() {
        return false; // bounded by the cap
    }

    @Override
    public Exchange setWriteQueueMaxSize(int maxSize) {
        return this;
    }

    @Override
    public Exchange exceptionHandler(@Nullable Handler<Throwable> handler) {
        return this;
    }

    @Override
    public WriteStream<Buffer> drainHandler(@Nullable Handler<Void> handler) {
        return this;
    }
}
