package io.tributary.ingest.api;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/** What a request says beside its body, checked. */
final class Params {
    static final int MAX_LIMIT = 500;

    private static final Pattern UUID_TEXT = Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");
    private static final Pattern KEY = Pattern.compile("[\\x20-\\x7e]{1,200}");
    private static final Pattern LIMIT = Pattern.compile("[1-9]\\d{0,2}");
    private static final Pattern JSON =
            Pattern.compile("application/json\\s*(;\\s*charset=(utf-8|\"utf-8\")\\s*)?", Pattern.CASE_INSENSITIVE);

    private Params() {}

    static UUID runId(RoutingContext ctx) {
        String id = ctx.pathParam("id");
        if (!UUID_TEXT.matcher(id).matches()) {
            throw Problem.malformed("id", "a run's id is a UUID");
        }
        return UUID.fromString(id);
    }

    static int limit(RoutingContext ctx, int usual) {
        List<String> given = ctx.queryParam("limit");
        if (given.isEmpty()) {
            return usual;
        }
        if (given.size() > 1 || !LIMIT.matcher(given.get(0)).matches() || Integer.parseInt(given.get(0)) > MAX_LIMIT) {
            throw Problem.invalid("limit", "expected one whole number from 1 to " + MAX_LIMIT);
        }
        return Integer.parseInt(given.get(0));
    }

    static boolean deep(RoutingContext ctx) {
        List<String> given = ctx.queryParam("deep");
        if (given.isEmpty()) {
            return false;
        }
        if (given.size() > 1 || !Set.of("true", "false").contains(given.get(0))) {
            throw Problem.invalid("deep", "expected true or false, once");
        }
        return given.get(0).equals("true");
    }

    /** A misspelt parameter is told, not ignored. */
    static void onlyQuery(RoutingContext ctx, Set<String> known) {
        if (!known.containsAll(ctx.queryParams().names())) {
            throw Problem.malformed(
                    known.isEmpty() ? "this path takes no query" : "this path's query knows only " + known);
        }
    }

    static String idempotencyKey(HttpServerRequest request) {
        List<String> given = request.headers().getAll("Idempotency-Key");
        if (given.size() != 1 || !KEY.matcher(given.get(0)).matches()) {
            throw Problem.malformed(
                    "Idempotency-Key", "expected this header once, 1 to 200 printable ASCII characters");
        }
        return given.get(0);
    }

    static void onlyJson(HttpServerRequest request) {
        List<String> types = request.headers().getAll(HttpHeaders.CONTENT_TYPE);
        if (types.size() != 1 || !JSON.matcher(types.get(0)).matches()) {
            throw Problem.unsupportedMediaType("the body is application/json in UTF-8");
        }
        if (request.headers().contains(HttpHeaders.CONTENT_ENCODING)) {
            throw Problem.unsupportedMediaType("the body is not compressed");
        }
    }
}
