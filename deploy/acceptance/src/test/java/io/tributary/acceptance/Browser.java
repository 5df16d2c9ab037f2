package io.tributary.acceptance;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A Chromium without a window and one page in it, spoken to by its DevTools protocol. That needs a WebSocket and nothing else: Playwright
 * for Java brings 200 MB of Node.js for every system, Selenium a second program that has to be of the browser's version.
 */
final class Browser implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");

    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final Set<String> hosts = new ConcurrentSkipListSet<>();

    private Browser(Process process, WebSocket socket) {
        this.process = process;
        this.socket = socket;
    }

    /** Where one is installed: the first on the PATH. */
    static Optional<Path> installed() {
        return Stream.of(System.getenv("PATH").split(":"))
                .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** @param profile an empty folder, where it also tells its port and its log */
    static Browser start(Path program, Path profile) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        program.toString(),
                        "--headless=new",
                        "--no-sandbox", // a container's root has no other
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--no-first-run",
                        "--no-proxy-server",
                        "--hide-scrollbars",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(profile.resolve("chromium.log").toFile())
                .start();
        try {
            Path told = profile.resolve("DevToolsActivePort");
            await("Chromium listens")
                    .atMost(PATIENCE)
                    .until(() -> Files.exists(told) && !Files.readAllLines(told).isEmpty());
            URI list = URI.create("http://127.0.0.1:" + Files.readAllLines(told).get(0) + "/json/list");
            JsonNode page = await("Chromium has a page")
                    .atMost(PATIENCE)
                    .until(() -> page(list), Optional::isPresent)
                    .orElseThrow();
            return of(process, URI.create(page.get("webSocketDebuggerUrl").asText()));
        } catch (RuntimeException | IOException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private static Optional<JsonNode> page(URI list) throws InterruptedException {
        try {
            for (JsonNode target : Http.json(list, PATIENCE, 200)) {
                if (target.get("type").asText().equals("page")) {
                    return Optional.of(target);
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // not yet
        }
    }

    private static Browser of(Process process, URI page) {
        CompletableFuture<Browser> ready = new CompletableFuture<>();
        WebSocket socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(page, new Listener(ready))
                .join();
        Browser browser = new Browser(process, socket);
        ready.complete(browser);
        for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
            browser.send(domain + ".enable", Map.of());
        }
        return browser;
    }

    /** One message at a time, which may come in parts. */
    private record Listener(CompletableFuture<Browser> browser, StringBuilder parts) implements WebSocket.Listener {
        Listener(CompletableFuture<Browser> browser) {
            this(browser, new StringBuilder());
        }

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
            parts.append(text);
            if (last) {
                String message = parts.toString();
                parts.setLength(0);
                browser.thenAccept(ready -> ready.heard(message));
            }
            from.request(1);
            return null;
        }
    }

    private void heard(String message) {
        JsonNode json = parsed(message);
        JsonNode about = json.path("params");
        if (json.has("id")) {
            asked.remove(json.get("id").asInt()).complete(json);
            return;
        }
        switch (json.path("method").asText()) {
            case "Runtime.exceptionThrown" ->
                complaints.add(about.path("exceptionDetails").toString());
            case "Runtime.consoleAPICalled" -> {
                if (Set.of("error", "warning", "assert")
                        .contains(about.path("type").asText())) {
                    complaints.add(about.path("args").toString());
                }
            }
            case "Log.entryAdded" -> {
                if (Set.of("error", "warning").contains(about.at("/entry/level").asText())) {
                    complaints.add(about.path("entry").toString());
                }
            }
            case "Network.requestWillBeSent" ->
                hosts.add(URI.create(about.at("/request/url").asText()).getAuthority());
            default -> {} // not asked for
        }
    }

    private static JsonNode parsed(String message) {
        try {
            return Http.JSON.readTree(message);
        } catch (IOException e) {
            throw new IllegalStateException(message, e);
        }
    }

    private synchronized CompletableFuture<JsonNode> post(String method, Map<String, ?> parameters) {
        int id = ids.incrementAndGet();
        ObjectNode message = Http.JSON.createObjectNode().put("id", id).put("method", method);
        message.set("params", Http.JSON.valueToTree(parameters));
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        asked.put(id, answer);
        socket.sendText(message.toString(), true).join();
        return answer;
    }

    JsonNode send(String method, Map<String, ?> parameters) {
        try {
            JsonNode answer = post(method, parameters).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (answer.has("error")) {
                throw new AssertionError(method + ": " + answer.get("error"));
            }
            return answer.get("result");
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError(method + " is not answered", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    void open(URI page) {
        send("Page.navigate", Map.of("url", page.toString()));
    }

    /** The value of a script in the page, a promise's when it is kept. */
    JsonNode evaluate(String script) {
        JsonNode result =
                send("Runtime.evaluate", Map.of("expression", script, "awaitPromise", true, "returnByValue", true));
        if (result.has("exceptionDetails")) {
            throw new AssertionError(script + ": " + result.get("exceptionDetails"));
        }
        return result.at("/result/value");
    }

    /** Waits until the script says true; an element that is not there yet is no error. */
    void awaitTrue(String what, Duration patience, String script) {
        await(what)
                .atMost(patience)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> evaluate("(() => { try { return Boolean(" + script + "); } catch { return false; } })()")
                        .asBoolean());
    }

    String textOf(String selector) {
        return evaluate("document.querySelector(" + Http.JSON.valueToTree(selector) + ").textContent")
                .asText();
    }

    /** The page as on a screen of this width, in pixels. */
    void screen(int width, int height, boolean dark) {
        send(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
        String scheme = dark ? "dark" : "light";
        send(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(
                                Map.of("name", "prefers-color-scheme", "value", scheme),
                                Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
    }

    void press(String key, int code) {
        String text = key.equals("Enter") ? "\r" : "";
        for (String type : List.of("keyDown", "keyUp")) {
            send(
                    "Input.dispatchKeyEvent",
                    Map.of("type", type, "key", key, "windowsVirtualKeyCode", code, "text", text));
        }
    }

    /** Errors and warnings of the console, and what was thrown and not caught. */
    List<String> complaints() {
        return new ArrayList<>(complaints);
    }

    /** Host and port of everything that the page asked for. */
    Set<String> hosts() {
        return Set.copyOf(hosts);
    }

    @Override
    public void close() {
        post("Browser.close", Map.of());
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
