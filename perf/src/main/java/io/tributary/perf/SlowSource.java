package io.tributary.perf;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** The stand-in told to take its time with each page: a run goes on for as long as it has pages, and costs no more than before. */
final class SlowSource {
    private static final Duration ANSWER = Duration.ofSeconds(30);

    private SlowSource() {}

    /** From now on a page of so many users takes so many seconds, sent evenly. */
    static void take(URI source, int users, int seconds) throws IOException, InterruptedException {
        HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER).build();
        HttpRequest page = HttpRequest.newBuilder(URI.create(source + "?results=" + users))
                .header("Accept-Encoding", "gzip")
                .timeout(ANSWER)
                .build();
        int bytes = http.send(page, HttpResponse.BodyHandlers.ofByteArray()).body().length;
        String slow = "[{\"kind\":\"slow-bytes\",\"times\":0,\"amount\":%d}]".formatted(bytes / seconds);
        HttpRequest order = HttpRequest.newBuilder(source.resolve("/_control/faults"))
                .timeout(ANSWER)
                .PUT(HttpRequest.BodyPublishers.ofString(slow))
                .build();
        HttpResponse<String> answer = http.send(order, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException(order.uri() + ": " + answer.statusCode() + " " + answer.body());
        }
    }
}
