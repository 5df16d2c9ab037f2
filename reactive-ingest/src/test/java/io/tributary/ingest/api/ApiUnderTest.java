package io.tributary.ingest.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tributary.ingest.ledger.RunBoard;
import io.tributary.ingest.live.Live;
import io.tributary.ingest.metrics.IngestMetrics;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.FetchedPage;
import io.tributary.ingest.model.PageRequest;
import io.tributary.ingest.model.Run;
import io.tributary.ingest.plan.Plans;
import io.tributary.ingest.reconcile.Reconciliation;
import io.tributary.ingest.reconcile.Windows.WindowCounts;
import io.tributary.ingest.replay.Replays;
import io.tributary.ingest.sink.RecordTopics;
import io.tributary.ingest.sink.kafka.TopicProgress;
import io.tributary.schemas.SchemaRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The API on a free port with everything behind it in memory, and ways to talk to it. */
final class ApiUnderTest implements AutoCloseable {
    static final String VALID = """
        {"windowStart":"2026-01-01T00:00:00Z","windowEnd":"2026-01-01T00:05:00Z","users":1000,"pageSize":100}\
        """;

    static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final JsonMapper JSON = new JsonMapper();

    private static final SchemaRegistry REGISTRY =
            new SchemaRegistry(URI.create("http://127.0.0.1:1"), Duration.ofSeconds(1));

    final FakeLedger ledger = new FakeLedger();
    final AtomicInteger wakes = new AtomicInteger();
    volatile Mono<Long> counted = Mono.just(0L);
    volatile BiFunction<Run, Boolean, Mono<Reconciliation>> reconciler = (run, deep) -> Mono.empty();
    volatile Flux<WindowCounts> windows = Flux.empty();
    volatile Mono<Map<String, Optional<String>>> dependencies = Mono.just(Map.of());
    volatile Supplier<Mono<List<RunBoard.Row>>> board = () -> Mono.just(List.of());
    volatile Supplier<String> metrics = () -> "";
    volatile Function<UUID, Mono<Integer>> redrive = run -> Mono.just(0);
    volatile Function<PageRequest, Mono<FetchedPage>> source = page -> Mono.empty();
    final List<String> topics = new CopyOnWriteArrayList<>();
    final Replays replays = new Replays(
            ledger,
            new RecordTopics() {
                @Override
                public Mono<Void> ensure(String topic) {
                    return Mono.fromRunnable(() -> topics.add(topic));
                }

                @Override
                public Mono<Void> publish(CapturedPage page, String topic, UUID replay) {
                    return Mono.empty();
                }
            },
            "users",
            () -> FakeLedger.CREATED,
            () -> new UUID(1, 1));
    final int port;

    /** One for all: closing it takes a lock on an event loop, which BlockHound does not like. */
    static final Vertx VERTX =
            Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2).setUseDaemonThread(true));

    private final ControlApi api;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    ApiUnderTest() {
        this(TestLimits.with(usual -> {}));
    }

    ApiUnderTest(ApiLimits limits) {
        this(limits, Access.OPEN);
    }

    ApiUnderTest(ApiLimits limits, Access access) {
        Health health = new Health() {
            @Override
            public Mono<Map<String, Optional<String>>> dependencies() {
                return dependencies;
            }

            @Override
            public Set<String> required() {
                return Set.of("postgres", "kafka");
            }
        };
        Services services = new Services(
                ledger,
                run -> redrive.apply(run),
                (run, deep) -> reconciler.apply(run, deep),
                run -> Mono.defer(() -> counted),
                query -> windows.take(query.limit()),
                replays,
                new Plans(page -> source.apply(page), REGISTRY, "users"),
                health,
                () -> metrics.get(),
                wakes::incrementAndGet,
                Map.of("INGEST_TOPIC", "users", "INGEST_SECRET_FILE", "***"),
                live());
        api = new ControlApi(VERTX, services, access, limits, Schedulers.parallel());
        port = api.start("127.0.0.1", 0).block(PATIENCE);
    }

    private Live live() {
        return new Live(
                "ingest-1",
                4,
                new IngestMetrics(new SimpleMeterRegistry())::reading,
                () -> dependencies,
                before -> board.get(),
                run -> Mono.defer(() -> counted),
                () -> Mono.just(new TopicProgress(7_000, 6_500L, 500L, 2L)),
                query -> windows.take(query.limit()),
                replays,
                () -> FakeLedger.CREATED);
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(PATIENCE);
    }

    HttpRequest post(String key, String body) {
        return request("/api/v1/runs")
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", key)
                .POST(BodyPublishers.ofString(body))
                .build();
    }

    Reply get(String path) {
        return send(request(path).build());
    }

    Reply create(String body) {
        return send(post("key", body));
    }

    Reply send(HttpRequest request) {
        try {
            return new Reply(http.send(request, BodyHandlers.ofString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    HttpClient http() {
        return http;
    }

    /** One connection on which anything can be said. */
    Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout((int) PATIENCE.toMillis());
        return socket;
    }

    /** Says this and hears until the server closes. */
    String say(String text) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        api.close().block(PATIENCE);
    }

    /** An answer, its body as text and as JSON. */
    record Reply(HttpResponse<String> http) {
        int status() {
            return http.statusCode();
        }

        String header(String name) {
            return http.headers().firstValue(name).orElse(null);
        }

        JsonNode json() {
            try {
                return JSON.readTree(http.body());
            } catch (IOException e) {
                throw new UncheckedIOException(http.body(), e);
            }
        }

        /** Status and field of a problem, like {@code 422 users}. */
        String problem() {
            if (!"application/problem+json".equals(header("Content-Type"))
                    || json().get("status").intValue() != status()
                    || !json().get("type").textValue().equals("about:blank")
                    || json().get("title").textValue().isBlank()
                    || json().get("detail").textValue().isBlank()) {
                return "not a problem: " + http + " " + http.body();
            }
            return status() + (json().has("field") ? " " + json().get("field").textValue() : "");
        }
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(text, e);
        }
    }

    /** The valid body with one member replaced, or added; {@code value} is JSON, null removes it. */
    static String with(String member, String value) {
        Map<String, Object> members = new LinkedHashMap<>();
        json(VALID).properties().forEach(each -> members.put(each.getKey(), each.getValue()));
        if (value == null) {
            members.remove(member);
        } else {
            members.put(member, value);
        }
        StringBuilder body = new StringBuilder("{");
        members.forEach((name, each) -> body.append(body.length() == 1 ? "" : ",")
                .append('"')
                .append(name)
                .append("\":")
                .append(each));
        return body.append('}').toString();
    }
}
