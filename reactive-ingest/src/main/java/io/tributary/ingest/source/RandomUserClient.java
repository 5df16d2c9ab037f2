package io.tributary.ingest.source;

import io.tributary.ingest.model.FetchedPage;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.SourceFailed;
import io.tributary.ingest.model.PageRequest;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.TrustOptions;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.client.WebClientOptions;
import java.net.URI;
import java.security.cert.CertificateException;
import java.util.Locale;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The API of randomuser.me, version 1.4, on Vert.x Web Client with every default changed that trusts the other side: no
 * redirects, a cap on the body before and after inflation, a deadline for the whole request, a bounded pool and queue.
 */
public final class RandomUserClient implements PageSource, AutoCloseable {
    private static final int IDLE_CONNECTION_S = 15; // below what servers and proxies commonly allow
    private static final int CHUNK_BYTES = 64 * 1024;

    private final WebClient web;
    private final SourceLimits limits;
    private final Scheduler cpu;
    private final int port;
    private final String host;
    private final String path;

    /**
     * A client of one source.
     *
     * @param apiUri http or https with a path that is kept as it is, such as {@code https://randomuser.me/api/}
     * @param cpu where bodies are inflated and parsed, a few milliseconds each
     */
    public RandomUserClient(Vertx vertx, URI apiUri, SourceLimits limits, Scheduler cpu) {
        this(vertx, apiUri, limits, cpu, null);
    }

    /** With other authorities than the JDK's. */
    RandomUserClient(Vertx vertx, URI apiUri, SourceLimits limits, Scheduler cpu, @Nullable TrustOptions trust) {
        String scheme = apiUri.getScheme() == null ? "" : apiUri.getScheme().toLowerCase(Locale.ROOT);
        boolean isTls = scheme.equals("https");
        boolean isPlain = apiUri.getRawUserInfo() == null
                && apiUri.getRawQuery() == null
                && apiUri.getRawFragment() == null
                && apiUri.getHost() != null;
        if (!isPlain || !(isTls || scheme.equals("http"))) { // without the value: it may hold a password
            throw new IllegalArgumentException("the source's address, expected http(s)://host[:port]/path and no more");
        }
        this.host = apiUri.getHost();
        this.port = apiUri.getPort() >= 0 ? apiUri.getPort() : isTls ? 443 : 80;
        this.path = apiUri.getRawPath().isEmpty() ? "/" : apiUri.getRawPath();
        this.limits = limits;
        this.cpu = cpu;
        this.web = WebClient.create(vertx, options(limits, isTls, trust), pool(limits));
        web.addInterceptor(Exchange::accompany);
    }

    private static WebClientOptions options(SourceLimits limits, boolean isTls, @Nullable TrustOptions trust) {
        WebClientOptions options = new WebClientOptions();
        options.setProtocolVersion(HttpVersion.HTTP_1_1)
                .setSsl(isTls)
                .setVerifyHost(true)
                .setTrustAll(false)
                .setDecompressionSupported(false) // counted and capped by us
                .setPipelining(false) // a reset ends one request only
                .setKeepAliveTimeout(IDLE_CONNECTION_S)
                .setMaxChunkSize(CHUNK_BYTES)
                .setConnectTimeout((int) limits.connectTimeout().toMillis());
        if (trust != null) {
            options.setTrustOptions(trust);
        }
        return options.setFollowRedirects(false).setUserAgent("tributary");
    }

    /** Room for those that wait and for cancelled ones, which stay in the queue until their turn comes. */
    private static PoolOptions pool(SourceLimits limits) {
        return new PoolOptions().setHttp1MaxSize(limits.connections()).setMaxWaitQueueSize(2 * limits.connections());
    }

    @Override
    public Mono<FetchedPage> fetch(PageRequest page) {
        return answer(page)
                .timeout(
                        limits.timeout(), Mono.error(() -> Refusal.later("no whole answer within " + limits.timeout())))
                .publishOn(cpu)
                .map(answer -> answer.page(page, limits.maxBodyBytes()));
    }

    /** One GET for each subscriber; its cancel, also the deadline's, resets the request. */
    private Mono<Answer> answer(PageRequest page) {
        return Mono.<Answer>create(sink -> {
                    Exchange exchange = new Exchange(limits.maxBodyBytes());
                    sink.onCancel(exchange::cancel);
                    request(page).as(exchange).send().onComplete(response -> sink.success(response.body()), failure -> {
                        if (!exchange.isCancelled()) { // else nobody listens any more
                            sink.error(failure);
                        }
                        exchange.abandon();
                    });
                })
                .onErrorMap(RandomUserClient::translated);
    }

    private HttpRequest<?> request(PageRequest page) {
        HttpRequest<?> request = web.get(port, host, path)
                .putHeader("Accept", "application/json")
                .putHeader("Accept-Encoding", "gzip")
                .addQueryParam("results", Integer.toString(page.pageUsers()))
                .addQueryParam("page", Integer.toString(page.sourcePage()));
        if (!page.nationalities().isEmpty()) {
            request.addQueryParam("nat", String.join(",", page.nationalities()).toLowerCase(Locale.ROOT));
        }
        String seed = page.seed();
        String gender = page.gender();
        if (seed != null) {
            request.addQueryParam("seed", seed);
        } else if (gender != null) { // with a seed the source ignores it
            request.addQueryParam("gender", gender);
        }
        return request;
    }

    /** Whatever ended an exchange without an answer: later, unless the other side is not who it should be. */
    private static SourceFailed translated(Throwable failure) {
        if (failure instanceof SourceFailed known) {
            return known;
        }
        String what = failure.getClass().getSimpleName() + ": " + Refusal.quote(failure.getMessage());
        if (isForeignCertificate(failure)) {
            return new SourceFailed(Kind.REJECTED, "the source's certificate is refused, " + what, failure, null);
        }
        return new SourceFailed(Kind.TRANSIENT, "no answer, " + what, failure, null);
    }

    private static boolean isForeignCertificate(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 10; depth++) {
            if (cause instanceof CertificateException || cause instanceof SSLPeerUnverifiedException) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    /** Ends what is under way; new requests fail. */
    @Override
    public void close() {
        web.close();
    }
}
