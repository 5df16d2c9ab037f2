package io.tributary.ingest.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.ingest.reconcile.WindowQuery;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RequestExtractor;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.common.dsl.SchemaType;
import io.vertx.openapi.contract.Location;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.contract.Parameter;
import io.vertx.openapi.validation.RequestParameter;
import io.vertx.openapi.validation.ValidatableRequest;
import io.vertx.openapi.validation.ValidatedRequest;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a request says, once its caller is known ({@link Guard}), taken apart for the contract's check, and what of it the contract can not say: a parameter twice or
 * unknown, another media type, JSON that is not strict ({@link StrictJson}), an unknown member.
 *
 * <p>Vert.x' own extractor is not used: it decodes headers as if they were URLs and reads {@code 1.5} as a number where text
 * is meant.
 */
final class Asked implements RequestExtractor {
    private static final String OPERATION = "operation";
    private static final String BODY = "body";
    private static final Duration LONGEST_WINDOW = Duration.ofDays(31);
    private static final Pattern BARE = Pattern.compile("-?\\d{1,9}|true|false");
    private static final Pattern JSON_TYPE =
            Pattern.compile("application/json\\s*(;\\s*charset=(utf-8|\"utf-8\")\\s*)?", Pattern.CASE_INSENSITIVE);
    private static final String JSON = "application/json";

    private final Guard guard;

    Asked(Guard guard) {
        this.guard = guard;
    }

    /** Of a request that the contract lets pass. */
    static UUID id(RoutingContext ctx) {
        return UUID.fromString(ctx.pathParam("id"));
    }

    /** Of a request that the contract lets pass: as given, or the contract's default. */
    static int limit(RoutingContext ctx) {
        Integer given = query(ctx, "limit").getInteger();
        return given != null
                ? given
                : operation(ctx).getParameters().stream()
                        .filter(parameter -> parameter.getName().equals("limit"))
                        .map(parameter -> parameter.getSchema().<Integer>get("default"))
                        .findFirst()
                        .orElseThrow();
    }

    /** Of a request that the contract lets pass; a duration of no whole seconds is refused here. */
    static WindowQuery windows(RoutingContext ctx) {
        return new WindowQuery(limit(ctx), duration(ctx, "size"), duration(ctx, "slide"));
    }

    private static Optional<Duration> duration(RoutingContext ctx, String name) {
        String given = query(ctx, name).getString();
        if (given == null) {
            return Optional.empty();
        }
        try {
            Duration duration = Duration.parse(given);
            if (duration.toNanosPart() == 0 && duration.toSeconds() >= 1 && duration.compareTo(LONGEST_WINDOW) <= 0) {
                return Optional.of(duration);
            }
        } catch (DateTimeParseException e) { // told below
        }
        throw Problem.invalid(name, "an ISO-8601 duration of whole seconds from PT1S to P31D, like PT1H");
    }

    /** Of a request that the contract lets pass. */
    static boolean flag(RoutingContext ctx, String name) {
        return Boolean.TRUE.equals(query(ctx, name).getBoolean());
    }

    /** Of a request that the contract lets pass; null where a body may be left out and is. */
    static @Nullable JsonNode body(RoutingContext ctx) {
        return ctx.get(BODY);
    }

    /** The operation whose check a request did not pass. */
    static Operation operation(RoutingContext ctx) {
        return Objects.requireNonNull(ctx.get(OPERATION));
    }

    /** Of the body that an operation takes. */
    static JsonSchema bodySchema(Operation operation) {
        return Objects.requireNonNull(operation.getRequestBody().getContent().get(JSON))
                .getSchema();
    }

    private static RequestParameter query(RoutingContext ctx, String name) {
        ValidatedRequest validated = Objects.requireNonNull(ctx.get(RouterBuilder.KEY_META_DATA_VALIDATED_REQUEST));
        return Objects.requireNonNull(validated.getQuery().get(name));
    }

    @Override
    public Future<ValidatableRequest> extractValidatableRequest(RoutingContext ctx, Operation operation) {
        ctx.put(OPERATION, operation);
        try {
            guard.admit(ctx.request(), operation);
            onlyKnownQuery(ctx, operation);
            Map<Location, Map<String, RequestParameter>> given = new HashMap<>();
            for (Parameter parameter : operation.getParameters()) {
                given.computeIfAbsent(parameter.getIn(), in -> new HashMap<>())
                        .put(parameter.getName(), new Value(text(ctx, parameter)));
            }
            return Future.succeededFuture(new Request(
                    given.getOrDefault(Location.HEADER, Map.of()),
                    given.getOrDefault(Location.PATH, Map.of()),
                    given.getOrDefault(Location.QUERY, Map.of()),
                    new Value(body(ctx, operation))));
        } catch (Problem refused) {
            return Future.failedFuture(refused);
        }
    }

    /** A misspelt parameter is told, not ignored. */
    private static void onlyKnownQuery(RoutingContext ctx, Operation operation) {
        List<String> known = operation.getParameters().stream()
                .filter(parameter -> parameter.getIn() == Location.QUERY)
                .map(Parameter::getName)
                .toList();
        if (!known.containsAll(ctx.queryParams().names())) {
            throw Problem.malformed(
                    known.isEmpty() ? "this path takes no query" : "this path's query knows only " + known);
        }
    }

    /** In JSON, as the contract's check reads it so; what is not bare is text. */
    private static @Nullable String text(RoutingContext ctx, Parameter parameter) {
        List<String> given = switch (parameter.getIn()) {
            case QUERY -> ctx.queryParam(parameter.getName());
            case HEADER -> ctx.request().headers().getAll(parameter.getName());
            case PATH -> List.of(ctx.pathParam(parameter.getName()));
            case COOKIE -> List.of();
        };
        if (given.size() > 1) {
            throw Violation.of(parameter);
        }
        if (given.isEmpty()) {
            return null;
        }
        boolean bare = parameter.getSchemaType() != SchemaType.STRING
                && BARE.matcher(given.get(0)).matches();
        return bare ? given.get(0) : Json.encode(given.get(0));
    }

    private static @Nullable Buffer body(RoutingContext ctx, Operation operation) {
        if (operation.getRequestBody() == null) {
            return null;
        }
        Buffer body = ctx.body().buffer();
        if (!operation.getRequestBody().isRequired() && (body == null || body.length() == 0)) {
            return null;
        }
        onlyJson(ctx.request());
        JsonNode json = StrictJson.object(body == null ? new byte[0] : body.getBytes());
        onlyKnownMembers(json, operation);
        ctx.put(BODY, json);
        return body;
    }

    private static void onlyJson(HttpServerRequest request) {
        List<String> types = request.headers().getAll(HttpHeaders.CONTENT_TYPE);
        if (types.size() != 1 || !JSON_TYPE.matcher(types.get(0)).matches()) {
            throw Problem.unsupportedMediaType("the body is application/json in UTF-8");
        }
        if (request.headers().contains(HttpHeaders.CONTENT_ENCODING)) {
            throw Problem.unsupportedMediaType("the body is not compressed");
        }
    }

    /** By name here, as the contract's check does not give the name. */
    private static void onlyKnownMembers(JsonNode json, Operation operation) {
        JsonSchema schema = bodySchema(operation);
        JsonObject known = schema.get("properties");
        json.fieldNames().forEachRemaining(name -> {
            if (!known.containsKey(name)) {
                throw name.matches("\\w{1,64}")
                        ? Problem.malformed(name, "there is no such member")
                        : Problem.malformed("a member that there is not");
            }
        });
        JsonArray required = schema.get("required", new JsonArray());
        String missing = required.stream()
                .map(String.class::cast)
                .filter(name -> !json.has(name))
                .collect(Collectors.joining(" "));
        if (!missing.isEmpty()) {
            throw Problem.invalid(missing.split(" ", 2)[0], "is missing");
        }
    }

    private record Value(@Nullable Object value) implements RequestParameter {
        @Override
        public @Nullable Object get() {
            return value;
        }
    }

    private record Request(
            Map<String, RequestParameter> headers,
            Map<String, RequestParameter> path,
            Map<String, RequestParameter> query,
            RequestParameter body)
            implements ValidatableRequest {
        @Override
        public Map<String, RequestParameter> getCookies() {
            return Map.of();
        }

        @Override
        public Map<String, RequestParameter> getHeaders() {
            return headers;
        }

        @Override
        public Map<String, RequestParameter> getPathParameters() {
            return path;
        }

        @Override
        public Map<String, RequestParameter> getQuery() {
            return query;
        }

        @Override
        public RequestParameter getBody() {
            return body;
        }

        /** Without its parameters, as they are checked already. */
        @Override
        public String getContentType() {
            return JSON;
        }
    }
}
