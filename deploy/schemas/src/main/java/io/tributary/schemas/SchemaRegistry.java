package io.tributary.schemas;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

/**
 * The part of Confluent's registry API that we use, without blocking: register a schema, read one by id. What was answered
 * once is kept, because a registry never changes the meaning of an id; failures are not kept.
 *
 * <p>One request at a time for each key, {@code timeout} each, no retries: the caller knows when it wants to try again.
 */
public final class SchemaRegistry {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final Set<Integer> LATER = Set.of(UNAUTHORIZED, FORBIDDEN, TOO_MANY_REQUESTS);

    private final URI base;
    private final Duration timeout;
    private final Optional<String> authorization;
    private final HttpClient http;
    private final Map<String, CompletableFuture<Integer>> ids = new ConcurrentHashMap<>();
    private final Map<Integer, CompletableFuture<Optional<Schema>>> schemas = new ConcurrentHashMap<>();

    /** The registry did not do what it was asked. {@code isTransient}: the same request may succeed later. */
    public static final class RegistryFailed extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final boolean isTransient;

        RegistryFailed(String message, boolean isTransient, Throwable cause) {
            super(message, cause);
            this.isTransient = isTransient;
        }

        public boolean isTransient() {
            return isTransient;
        }
    }

    /** A client of a registry that asks nobody who he is; an https address is checked against the JVM's authorities. */
    public SchemaRegistry(URI base, Duration timeout) {
        this(base, timeout, Security.NONE);
    }

    /**
     * A client of one registry.
     *
     * @param base the address that {@code /subjects} and {@code /schemas} are appended to
     * @param security its login goes with every request (basic)
     */
    public SchemaRegistry(URI base, Duration timeout, Security security) {
        this.base = URI.create(base.toString().replaceFirst("/+$", ""));
        this.timeout = timeout;
        this.authorization = security.login().map(Login::basic);
        HttpClient.Builder client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(timeout);
        security.authorities().ifPresent(authorities -> client.sslContext(authorities.tls()));
        this.http = client.build(); // checks the host's name by itself
    }

    /** The id of a schema under a subject, registered if it was not; fails with {@link RegistryFailed}. */
    public CompletableFuture<Integer> register(String subject, Schema schema) {
        return kept(ids, subject + '\n' + schema, () -> {
            String body =
                    JSON.createObjectNode().put("schema", schema.toString()).toString();
            HttpRequest request = request("/subjects/" + subject + "/versions")
                    .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build();
            return send(request)
                    .thenApply(answer ->
                            json(request, success(request, answer)).get("id").asInt());
        });
    }

    /** The schema with an id; empty when the registry says that there is none; fails with {@link RegistryFailed}. */
    public CompletableFuture<Optional<Schema>> byId(int id) {
        return kept(schemas, id, () -> {
            HttpRequest request = request("/schemas/ids/" + id).GET().build();
            return send(request)
                    .thenApply(answer -> answer.statusCode() == NOT_FOUND
                            ? Optional.empty()
                            : Optional.of(schema(request, success(request, answer))));
        });
    }

    /**
     * Whether a schema is compatible with the latest under a subject; true when there is none yet. Registers nothing; fails
     * with {@link RegistryFailed}.
     */
    public CompletableFuture<Boolean> wouldTake(String subject, Schema schema) {
        String body = JSON.createObjectNode().put("schema", schema.toString()).toString();
        HttpRequest request = request("/compatibility/subjects/" + subject + "/versions/latest")
                .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return send(request)
                .thenApply(answer -> answer.statusCode() == NOT_FOUND
                        || json(request, success(request, answer))
                                .path("is_compatible")
                                .asBoolean());
    }

    /**
     * Has every subject that says nothing of its own take only schemas with which what is there can be read on; fails with {@link
     * RegistryFailed}. A registry's own default may be to take any.
     */
    public CompletableFuture<Void> requireBackward() {
        HttpRequest request = request("/config")
                .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                .PUT(HttpRequest.BodyPublishers.ofString("{\"compatibility\":\"BACKWARD\"}"))
                .build();
        return send(request).thenApply(answer -> success(request, answer)).thenAccept(answer -> {});
    }

    /** Completes when the registry answers at all. */
    public CompletableFuture<Void> ping() {
        HttpRequest request = request("/subjects").GET().build();
        return send(request).thenApply(answer -> success(request, answer)).thenAccept(answer -> {});
    }

    private static <K, V> CompletableFuture<V> kept(
            Map<K, CompletableFuture<V>> known, K key, Supplier<CompletableFuture<V>> ask) {
        CompletableFuture<V> answer = known.computeIfAbsent(key, k -> ask.get());
        return answer.whenComplete((value, failure) -> {
            if (failure != null || value.equals(Optional.empty())) { // an id may be registered a moment later
                known.remove(key, answer);
            }
        });
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + path)).timeout(timeout);
        authorization.ifPresent(value -> request.header("Authorization", value));
        return request;
    }

    private CompletableFuture<HttpResponse<String>> send(HttpRequest request) {
        return http.sendAsync(request, HttpResponse.BodyHandlers.ofString()).handle((answer, failure) -> {
            if (failure == null) {
                return answer;
            }
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            throw new RegistryFailed(named(request) + " failed: " + cause, cause instanceof IOException, cause);
        });
    }

    private static String success(HttpRequest request, HttpResponse<String> answer) {
        if (answer.statusCode() / 100 == 2) {
            return answer.body();
        }
        boolean later = answer.statusCode() >= 500
                || LATER.contains(answer.statusCode()); // a login that is refused is no fault of what was asked
        throw new RegistryFailed(
                named(request) + " was answered with " + answer.statusCode(), later, new IOException(answer.body()));
    }

    private static Schema schema(HttpRequest request, String body) {
        try {
            return new Schema.Parser().parse(json(request, body).get("schema").asText());
        } catch (AvroRuntimeException e) {
            throw new RegistryFailed(named(request) + " was answered with a schema that can not be read", false, e);
        }
    }

    private static JsonNode json(HttpRequest request, String body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw new RegistryFailed(named(request) + " was not answered with JSON", false, e);
        }
    }

    private static String named(HttpRequest request) {
        return "registry " + request.method() + " " + request.uri();
    }
}
