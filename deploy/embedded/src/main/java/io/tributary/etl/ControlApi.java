package io.tributary.etl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.etl.SseParser.Event;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;

/**
 * Ingest's control API. Each call blocks, is bounded in time, is not repeated here, and throws {@link ApiException} where it does
 * not give what the contract says.
 */
final class ControlApi {
    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(5);

    /** The API gives up after 30 s itself, and says what it has waited for. */
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(40);

    /** The API reads whole stores for it: 100,000 users take seconds, millions read one by one from Cassandra minutes. */
    private static final Duration RECONCILED_WITHIN = Duration.ofMinutes(5);

    private static final Duration DEEPLY_RECONCILED_WITHIN = Duration.ofMinutes(60);

    /** Of one stream of events; the API says something at least every 10 s. */
    private static final Duration SILENCE = Duration.ofSeconds(30);

    private final URI base;
    private final Optional<BearerToken> token;
    private final HttpClient http;

    /** @param base without {@code /api/v1}; of an API that asks nobody who he is */
    ControlApi(URI base) {
        this(base, Optional.empty(), Optional.empty());
    }

    /**
     * @param base without {@code /api/v1}
     * @param token sent with each request
     * @param trust with https, whose certificates are believed; empty for those of the JDK. The host's name is checked in any case
     */
    ControlApi(URI base, Optional<BearerToken> token, Optional<SSLContext> trust) {
        String text = base.toString();
        this.base = text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : base;
        this.token = token;
        HttpClient.Builder client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER) // the token is for this host
                .connectTimeout(CONNECT_WITHIN);
        trust.ifPresent(client::sslContext);
        this.http = client.build();
    }

    URI base() {
        return base;
    }

    /**
     * Starts a run, or finds the one that was started with the same key and the same parameters.
     *
     * @param key makes a repeat harmless
     */
    Run startRun(RunOrder order, String key) {
        return Run.of(json(post("/runs", body(order)).header("Idempotency-Key", key), ANSWER_WITHIN));
    }

    private static ObjectNode body(RunOrder order) {
        ObjectNode body = Json.object()
                .put("windowStart", order.windowStart().toString())
                .put("windowEnd", order.windowEnd().toString())
                .put("users", order.users())
                .put("pageSize", order.pageSize());
        order.seed().ifPresent(seed -> body.put("seed", seed));
        order.gender().ifPresent(gender -> body.put("gender", gender.name()));
        order.maxRunTime().ifPresent(time -> body.put("maxRunTime", time.toString()));
        if (!order.nationalities().isEmpty()) {
            ArrayNode nat = body.putArray("nat");
            order.nationalities().forEach(nat::add);
        }
        return body;
    }

    /** Gives {@code {"runs":[..]}}, newest first. */
    JsonNode runs(int limit) {
        JsonNode answer = json(request("/runs?limit=" + limit), ANSWER_WITHIN);
        new Json.Reader("runs", answer).array("runs");
        return answer;
    }

    static List<Run> runsIn(JsonNode answer) {
        List<Run> runs = new ArrayList<>();
        answer.path("runs").forEach(run -> runs.add(Run.of(run)));
        return runs;
    }

    Run run(String id) {
        return Run.of(json(request("/runs/" + id), ANSWER_WITHIN));
    }

    Run cancel(String id) {
        return Run.of(json(post("/runs/" + id + "/cancel"), ANSWER_WITHIN));
    }

    /** Has the quarantined pages of a run tried again. */
    Redrive redrive(String id) {
        return Redrive.of(json(post("/runs/" + id + "/redrive"), ANSWER_WITHIN));
    }

    /**
     * Has a run published again; repeated while it is under way, it is refused.
     *
     * @param topic empty: where runs are published to
     */
    Replay startReplay(String run, Optional<String> topic) {
        ObjectNode body = Json.object();
        topic.ifPresent(name -> body.put("topic", name));
        return Replay.of(json(post("/runs/" + run + "/replay", body), ANSWER_WITHIN));
    }

    Replay replay(String id) {
        return Replay.of(json(request("/replays/" + id), ANSWER_WITHIN));
    }

    /** Has a run tried, and nothing written. */
    Plan plan(RunOrder order) {
        return Plan.of(json(post("/plans", body(order)), ANSWER_WITHIN));
    }

    /** @param deep read every user back from Cassandra, which takes minutes for millions */
    Reconciliation reconciliation(String id, boolean deep) {
        return Reconciliation.of(json(
                request("/runs/" + id + "/reconciliation?deep=" + deep),
                deep ? DEEPLY_RECONCILED_WITHIN : RECONCILED_WITHIN));
    }

    /**
     * Gives {@code {"windows":[..]}}, newest first.
     *
     * @param size of longer windows; empty for those that are counted
     * @param slide from the start of one to the next; empty for the size
     */
    JsonNode windows(int limit, Optional<Duration> size, Optional<Duration> slide) {
        String query = "?limit=" + limit + size.map(of -> "&size=" + of).orElse("")
                + slide.map(of -> "&slide=" + of).orElse("");
        JsonNode answer = json(request("/windows" + query), ANSWER_WITHIN);
        new Json.Reader("windows", answer).array("windows");
        return answer;
    }

    /** Opens the stream of what happens to a run. */
    EventStream events(String id) {
        EventStream stream = new EventStream(base, SILENCE);
        HttpRequest request = request("/runs/" + id + "/events")
                .header("Accept", "text/event-stream")
                .build();
        CompletableFuture<HttpResponse<Optional<String>>> answer = http.sendAsync(request, stream.handler());
        var unused = answer.whenComplete((response, failure) -> {
            if (failure != null) {
                stream.end(cause(failure));
            }
        });
        stream.cancelBy(() -> answer.cancel(true));
        return stream;
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + "/api/v1" + path));
        token.ifPresent(known -> request.header("Authorization", "Bearer " + known.value()));
        return request.header("Accept", "application/json");
    }

    private HttpRequest.Builder post(String path) {
        return request(path).POST(HttpRequest.BodyPublishers.noBody());
    }

    private HttpRequest.Builder post(String path, ObjectNode body) {
        return request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(Json.text(body)));
    }

    /** One call; the bound covers the body too, which the client's own time-out does not. */
    private JsonNode json(HttpRequest.Builder request, Duration within) {
        CompletableFuture<HttpResponse<String>> answer =
                http.sendAsync(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
        try {
            HttpResponse<String> response = answer.get(within.toMillis(), TimeUnit.MILLISECONDS);
            if (response.statusCode() / 100 != 2) {
                throw ApiException.answered(response.statusCode(), problem(response.statusCode(), response.body()));
            }
            return Json.parse(response.body());
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw ApiException.unreachable(base, "no answer within " + within.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            if (isUntrusted(e)) {
                throw ApiException.untrusted(base, cause(e), e);
            }
            throw ApiException.unreachable(base, cause(e), e);
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw ApiException.unreachable(base, "interrupted", e);
        }
    }

    /** The words of a problem+json (RFC 9457), or what there is instead. */
    static String problem(int status, String body) {
        JsonNode problem;
        try {
            problem = Json.parse(body);
        } catch (ApiException e) {
            problem = Json.object();
        }
        String title = problem.path("title").asText("");
        String detail = problem.path("detail").asText("");
        String field = problem.path("field").asText("");
        StringBuilder words = new StringBuilder("the control API answers ").append(status);
        if (!title.isEmpty()) {
            words.append(' ').append(title);
        }
        if (!detail.isEmpty()) {
            words.append(": ").append(detail);
        }
        if (!field.isEmpty() && !detail.contains(field)) {
            words.append(" (").append(field).append(')');
        }
        if (status == 401) {
            words.append("; --token-file names the file with a token that is known there");
        } else if (status == 403) {
            words.append("; --token-file names the file with a token that may do this");
        }
        return Text.printable(words.toString());
    }

    /** Whether it is about a certificate: that will not mend itself. */
    private static boolean isUntrusted(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return true;
            }
        }
        return false;
    }

    private static String cause(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && !(cause instanceof IOException)) {
            cause = cause.getCause();
        }
        if (cause instanceof HttpTimeoutException) {
            return "no connection within " + CONNECT_WITHIN.toSeconds() + " s";
        }
        if (cause instanceof ConnectException) {
            return "connection refused";
        }
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    /** One event of a run's stream. */
    static Run run(Event event) {
        return Run.of(Json.parse(event.data()));
    }
}
