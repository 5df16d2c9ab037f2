package io.tributary.ingest.api;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import reactor.core.publisher.Mono;

/**
 * The live page: these files and no others, from the class path, held in memory (120 KB). It holds no data, so that anybody may
 * have it; what it shows it asks of the API, with a token where one is set.
 */
final class PageFiles {
    /** Nothing from anywhere else, nothing inline, in no frame. */
    static final Map<String, String> HEADERS = Map.of(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none';"
                    + " form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
            "Referrer-Policy",
            "no-referrer",
            "Cross-Origin-Opener-Policy",
            "same-origin",
            "Cross-Origin-Resource-Policy",
            "same-origin");

    private static final String OURS = "/io/tributary/ingest/page/";
    private static final String CHARTS = "/META-INF/resources/webjars/uplot/1.6.30/dist/";
    private static final String INDEX = "index.html";
    private static final String JAVASCRIPT = "text/javascript; charset=utf-8";
    private static final String CSS = "text/css; charset=utf-8";

    private final Map<String, Answer> files = new HashMap<>();

    PageFiles() {
        put(INDEX, OURS, "text/html; charset=utf-8");
        put("page.css", OURS, CSS);
        put("icon.svg", OURS, "image/svg+xml");
        for (String module :
                new String[] {"main", "stream", "format", "flow", "charts", "runs", "windows", "actions"}) {
            put(module + ".js", OURS, JAVASCRIPT);
        }
        put("uPlot.iife.min.js", CHARTS, JAVASCRIPT);
        put("uPlot.min.css", CHARTS, CSS);
    }

    private void put(String name, String folder, String type) {
        try (InputStream in = PageFiles.class.getResourceAsStream(folder + name)) {
            if (in == null) {
                throw new IllegalStateException(folder + name + " is not on the class path");
            }
            files.put(name, new Answer(200, type, Buffer.buffer(in.readAllBytes()), HEADERS));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Mono<Answer> index() {
        return file(INDEX);
    }

    Mono<Answer> file(String name) {
        return Mono.justOrEmpty(Optional.ofNullable(files.get(name)))
                .switchIfEmpty(Mono.error(() -> Problem.notFound("the page has no such file")));
    }
}
