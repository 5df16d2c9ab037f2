package io.tributary.ingest.api;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import io.vertx.openapi.contract.OpenAPIContract;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import reactor.core.publisher.Mono;

/**
 * The one document that says what the API is. It is served as it stands, requests are routed and checked by it, and what a
 * caller is told was expected are its own words.
 */
record Contract(OpenAPIContract openApi, String yaml, Buffer json) {
    private static final String DOCUMENT = "openapi.yaml";

    /** Cold. Reads, checks and resolves the document: more than a second where CPUs are busy, so on a worker thread. */
    static Mono<Contract> load(Vertx vertx) {
        return Mono.fromCompletionStage(() -> {
            AtomicReference<Contract> loaded = new AtomicReference<>();
            return vertx.deployVerticle(
                            worker -> read(vertx).onSuccess(loaded::set),
                            new DeploymentOptions().setThreadingModel(ThreadingModel.WORKER))
                    .compose(vertx::undeploy)
                    .map(undeployed -> Objects.requireNonNull(loaded.get()))
                    .toCompletionStage();
        });
    }

    /** Goes on where it is called: Vert.x resolves in the caller's context. */
    private static Future<Contract> read(Vertx vertx) {
        String yaml = text();
        Map<String, Object> document = new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml);
        JsonObject json = new JsonObject(Json.encode(document));
        Buffer served = json.toBuffer();
        withoutAnswers(json);
        return OpenAPIContract.from(vertx, json).map(resolved -> new Contract(resolved, yaml, served));
    }

    /** For Vert.x, which refuses a contract with problem+json or an event stream in its answers, and checks none of them. */
    private static void withoutAnswers(JsonObject json) {
        withoutContent(json.getJsonObject("components").getJsonObject("responses"));
        json.getJsonObject("paths")
                .forEach(path -> ((JsonObject) path.getValue())
                        .forEach(operation ->
                                withoutContent(((JsonObject) operation.getValue()).getJsonObject("responses"))));
    }

    private static void withoutContent(JsonObject responses) {
        responses.forEach(response -> ((JsonObject) response.getValue()).remove("content"));
    }

    private static String text() {
        try (InputStream in = Contract.class.getResourceAsStream(DOCUMENT)) {
            if (in == null) {
                throw new IllegalStateException(DOCUMENT + " is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
