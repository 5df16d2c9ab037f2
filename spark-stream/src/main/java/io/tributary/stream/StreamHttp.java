package io.tributary.stream;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** {@code GET /health/live}, {@code /health/ready}, {@code /metrics}; one thread, answers from memory. */
final class StreamHttp implements AutoCloseable {
    private final HttpServer server;

    private record Answer(int status, String type, String body) {}

    private StreamHttp(HttpServer server) {
        this.server = server;
    }

    /** Listens at once; {@code queries} is empty as long as the stream waits for its servers. */
    static StreamHttp listen(
            String host,
            int port,
            Supplier<List<StandingQuery>> queries,
            Supplier<String> waitingFor,
            Supplier<String> metrics)
            throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(host, port), 16);
        server.setExecutor(Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "http");
            thread.setDaemon(true);
            return thread;
        }));
        server.createContext("/", exchange -> answer(exchange, queries, waitingFor, metrics));
        server.start();
        return new StreamHttp(server);
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static void answer(
            HttpExchange exchange,
            Supplier<List<StandingQuery>> queries,
            Supplier<String> waitingFor,
            Supplier<String> metrics)
            throws IOException {
        try (exchange) {
            Answer answer = exchange.getRequestMethod().equals("GET")
                    ? get(exchange.getRequestURI().getPath(), queries.get(), waitingFor, metrics)
                    : new Answer(405, "text/plain", "GET only\n");
            byte[] body = answer.body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", answer.type + "; charset=utf-8");
            exchange.sendResponseHeaders(answer.status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private static Answer get(
            String path, List<StandingQuery> queries, Supplier<String> waitingFor, Supplier<String> metrics) {
        return switch (path) {
            case "/health/live" -> new Answer(200, "application/json", "{\"status\":\"up\"}\n");
            case "/health/ready" -> ready(queries, waitingFor);
            case "/metrics" -> new Answer(200, "text/plain; version=0.0.4", metrics.get());
            default -> new Answer(404, "text/plain", "not found\n");
        };
    }

    private static Answer ready(List<StandingQuery> queries, Supplier<String> waitingFor) {
        StringBuilder parts = new StringBuilder();
        boolean up = !queries.isEmpty();
        for (StandingQuery query : queries) {
            Optional<String> problem = query.problem();
            up &= problem.isEmpty();
            member(parts, query.name(), problem.map(why -> "down: " + why).orElse("up"));
        }
        if (queries.isEmpty()) {
            member(parts, "start", waitingFor.get());
        }
        String body = "{\"status\":\"" + (up ? "up" : "down") + "\",\"queries\":{" + parts + "}}\n";
        return new Answer(up ? 200 : 503, "application/json", body);
    }

    private static void member(StringBuilder object, String name, String value) {
        String text = value.replaceAll("[\\p{Cntrl}\"\\\\]", " ");
        object.append(object.isEmpty() ? "" : ",").append('"').append(name).append("\":\"");
        object.append(text).append('"');
    }
}
