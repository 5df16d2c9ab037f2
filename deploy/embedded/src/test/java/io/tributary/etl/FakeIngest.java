package io.tributary.etl;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/**
 * Answers as the contract of the control API says, word for word what a test has scripted: what is tested against it is what the
 * client makes of an answer, a fault, or a cut. Answers of one path are given in order, the last one again and again.
 */
final class FakeIngest implements AutoCloseable {
    static final String ID = "5f0c7a3e-0b1d-4c2e-9f3a-6d5e4c3b2a10";
    static final String REPLAY = "0b1d7a3e-5f0c-4c2e-9f3a-6d5e4c3b2a11";

    /** @param type content type; one of a stream is cut after {@code body} where {@code cut} */
    private record Answer(int status, String type, String body, boolean cut) {}

    private final String scheme;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, Deque<Answer>> answers = new ConcurrentHashMap<>();
    final List<String> requests = new CopyOnWriteArrayList<>();
    final List<String> bodies = new CopyOnWriteArrayList<>();

    /** What each request says of who sends it; empty where it says nothing. */
    final List<String> authorizations = new CopyOnWriteArrayList<>();

    FakeIngest() throws IOException {
        this("http", HttpServer.create(anyPort(), 0));
    }

    private FakeIngest(String scheme, HttpServer server) {
        this.scheme = scheme;
        this.server = server;
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    /** @param identity holds the certificate that it shows */
    static FakeIngest encrypted(SSLContext identity) throws IOException {
        HttpsServer server = HttpsServer.create(anyPort(), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(identity));
        return new FakeIngest("https", server);
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    URI url() {
        return URI.create(scheme + "://127.0.0.1:" + server.getAddress().getPort());
    }

    /** @param request such as {@code GET /api/v1/runs} */
    FakeIngest answer(String request, int status, String body) {
        return add(
                request,
                new Answer(status, status < 400 ? "application/json" : "application/problem+json", body, false));
    }

    /** A stream of events that ends as it should, after its last one. */
    FakeIngest stream(String... events) {
        return add(
                "GET /api/v1/runs/" + ID + "/events",
                new Answer(200, "text/event-stream", String.join("", events), false));
    }

    /** A stream of events that is reset in the middle. */
    FakeIngest cutStream(String... events) {
        return add(
                "GET /api/v1/runs/" + ID + "/events",
                new Answer(200, "text/event-stream", String.join("", events), true));
    }

    private FakeIngest add(String request, Answer answer) {
        answers.computeIfAbsent(request, r -> new ConcurrentLinkedDeque<>()).add(answer);
        return this;
    }

    private void handle(HttpExchange exchange) throws IOException {
        String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
        String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        authorizations.add(authorization == null ? "" : authorization);
        bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        requests.add(request + (key == null ? "" : " key=" + key));
        Deque<Answer> scripted = answers.getOrDefault(request, new ArrayDeque<>());
        Answer answer = scripted.size() > 1 ? scripted.removeFirst() : scripted.peekFirst();
        if (answer == null) {
            answer = new Answer(404, "application/problem+json", problem(404, "Not Found", request), false);
        }
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", answer.type());
        exchange.sendResponseHeaders(answer.status(), answer.cut() ? body.length + 1_000 : body.length);
        OutputStream out = exchange.getResponseBody();
        out.write(body);
        out.flush();
        if (answer.cut()) {
            throw new IOException("cut"); // the server closes the connection for it
        }
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    static String run(String state, long captured, long stored, long published, Long counted) {
        return """
               {"id":"%s","state":"%s","windowStart":"2026-01-01T00:00:00Z","windowEnd":"2026-01-01T00:05:00Z","users":10000,
               "pageSize":1000,"pages":10,"seed":"s","nat":[],"gender":null,"createdAt":"2026-01-01T00:00:01Z","finishedAt":null,
               "pageStates":{"planned":0,"leased":0,"captured":0,"complete":10,"quarantined":0},
               "progress":{"captured":%d,"stored":%d,"published":%d,"deadLetters":0,"counted":%s,"settled":%s}}""".formatted(
                        ID,
                        state,
                        captured,
                        stored,
                        published,
                        counted,
                        !state.equals("RUNNING") && counted != null && counted == captured)
                .replace("\n", "");
    }

    static String replay(String state, int pages) {
        return """
               {"id":"%s","run":"%s","topic":"elsewhere","state":"%s","pages":%d,"pagesTotal":10,"records":%d,
               "startedAt":"2026-01-01T00:00:01Z","endedAt":null,"cause":%s}""".formatted(
                        REPLAY,
                        ID,
                        state,
                        pages,
                        pages * 1_000,
                        state.equals("FAILED") ? "\"a record was refused\"" : null)
                .replace("\n", "");
    }

    static String plan(boolean compatible) {
        return """
               {"pages":10,"seed":null,"firstPage":{"asked":1000,"users":998,"deadLetters":2,"bodyBytes":1234567},
               "schema":{"subject":"randomuser.users-value","compatible":%s}}""".formatted(compatible).replace("\n", "");
    }

    static String event(String name, String data) {
        return "event: " + name + "\ndata: " + data + "\n\n";
    }

    static String reconciliation(boolean equal) {
        return """
               {"run":"%s","deep":false,"ledger":{"users":10000,"digest":"00ff00ff00ff00ff"},
               "postgres":{"users":10000,"digest":"00ff00ff00ff00ff"},
               "kafka":{"users":10000,"digest":"00ff00ff00ff00ff","records":10020},
               "cassandra":{"users":%d,"digest":"%s"},"equal":%s,"drift":[%s],"driftTotal":%d,"seconds":{"postgres":0.1}}""".formatted(
                        ID,
                        equal ? 10_000 : 9_999,
                        equal ? "00ff00ff00ff00ff" : "0123456789abcdef",
                        equal,
                        equal ? "" : "{\"store\":\"cassandra\",\"page\":3,\"position\":17,\"what\":\"missing\"}",
                        equal ? 0 : 1)
                .replace("\n", "");
    }

    static String problem(int status, String title, String detail) {
        return "{\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\"}".formatted(title, status, detail);
    }
}
