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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Ingest's control API. Each call blocks, is bounded in time, is not repeated here, and throws {@link ApiException} where it does
 * not give what the contract says.
 */
final class ControlApi {
    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(5);
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);

    /** The API reads whole stores for it: 100,000 users take seconds, millions read one by one from Cassandra minutes. */
    private static final Duration RECONCILED_WITHIN = Duration.ofMinutes(5);

    private static final Duration DEEPLY_RECONCILED_WITHIN = Duration.ofMinutes(60);

    /** Of one stream of events; the API says something at least every 10 s. */
    private static final Duration SILENCE = Duration.ofSeconds(30);

    private final URI base;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_WITHIN)
            .build();

    /** @param base without {@code /api/v1} */
    ControlApi(URI base) {
        String text = base.toString();
        this.base = text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : base;
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
        HttpRequest.Builder request = request("/runs")
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", key)
                .POST(HttpRequest.BodyPublishers.ofString(Json.text(body(order))));
        return Run.of(json(request, ANSWER_WITHIN));
    }

    private static ObjectNode body(RunOrder order) {
        ObjectNode body = Json.object()
                .put("windowStart", order.windowStart().toString())
                .put("windowEnd", order.windowEnd().toString())
                .put("users", order.users())
                .put("pageSize", order.pageSize());
        order.seed().ifPresent(seed -> body.put("seed", seed));
        order.gender().ifPresent(gender -> body.put("gender", gender.name()));
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
        return Run.of(
                json(request("/runs/" + id + "/cancel").POST(HttpRequest.BodyPublishers.noBody()), ANSWER_WITHIN));
    }

    /** @param deep read every user back from Cassandra, which takes minutes for millions */
    Reconciliation reconciliation(String id, boolean deep) {
        return Reconciliation.of(json(
                request("/runs/" + id + "/reconciliation?deep=" + deep),
                deep ? DEEPLY_RECONCILED_WITHIN : RECONCILED_WITHIN));
    }

    /** Gives {@code {"windows":[..]}}, newest first. */
    JsonNode windows(int limit) {
        JsonNode answer = json(request("/windows?limit=" + limit), ANSWER_WITHIN);
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
        return HttpRequest.newBuilder(URI.create(base + "/api/v1" + path)).header("Accept", "application/json");
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
        return Text.printable(words.toString());
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
