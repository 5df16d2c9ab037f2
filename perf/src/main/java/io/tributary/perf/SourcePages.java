package io.tributary.perf;

import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Pages of one seed, which ingest, floors and peers all ask for: the same bytes for each. The source has made them before the first
 * one asks, so that it only sends: it stands for a machine elsewhere.
 */
record SourcePages(URI source, int users, int pageSize) {
    static final String SEED = "perf";
    static final int PAGE_SIZE = 1_000;

    /** As many as ingest has in flight. */
    static final int AT_ONCE = 4;

    private static final int BYTES_OF_A_USER = 600; // compressed, and what the heap needs to hold it
    private static final int MEBIBYTE = 1024 * 1024;
    private static final int HEAP_MIB = 256;
    private static final Duration ANSWER = Duration.ofSeconds(30);

    static SourcePages of(Bench bench, int users) {
        return of(bench, users, PAGE_SIZE);
    }

    static SourcePages of(Bench bench, int users, int pageSize) {
        return new SourcePages(bench.addresses().sourceUrl().orElseThrow(), users, pageSize);
    }

    /** The first of them. */
    SourcePages first(int fewer) {
        return new SourcePages(source, Math.min(fewer, users), pageSize);
    }

    /** Gives the source room to keep so many users. */
    static StackOptions keep(StackOptions options, int users) {
        int mebibytes = 16 + (int) ((long) users * BYTES_OF_A_USER / MEBIBYTE);
        return options.withEnv(Part.SOURCE, "RANDOMUSER_PREPARED_MIB", Integer.toString(mebibytes))
                .withJvm(Part.SOURCE, "-Xmx" + (HEAP_MIB + mebibytes) + "m");
    }

    int pages() {
        return (users + pageSize - 1) / pageSize;
    }

    /** Asks for every page once, {@link #AT_ONCE} at a time, and looks at nothing: no client can do with less. */
    void fetch() throws Exception {
        HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(ANSWER)
                .build();
        AtomicInteger next = new AtomicInteger();
        ExecutorService askers = Executors.newFixedThreadPool(AT_ONCE);
        try {
            List<Future<Void>> ends = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                ends.add(askers.submit(() -> fetchOneByOne(http, next)));
            }
            for (Future<Void> end : ends) {
                end.get();
            }
        } finally {
            askers.shutdownNow();
        }
    }

    private Void fetchOneByOne(HttpClient http, AtomicInteger next) throws IOException, InterruptedException {
        for (int page = next.incrementAndGet(); page <= pages(); page = next.incrementAndGet()) {
            HttpRequest request = HttpRequest.newBuilder(page(page))
                    .header("Accept-Encoding", "gzip")
                    .timeout(ANSWER)
                    .build();
            HttpResponse<Void> answer = http.send(request, HttpResponse.BodyHandlers.discarding());
            if (answer.statusCode() != 200) {
                throw new IOException(request.uri() + ": " + answer.statusCode());
            }
        }
        return null;
    }

    private URI page(int page) {
        return URI.create(source + "?results=" + Math.min(pageSize, users - (page - 1) * pageSize) + "&page=" + page
                + "&seed=" + SEED);
    }

    static Optional<String> seed() {
        return Optional.of(SEED);
    }
}
