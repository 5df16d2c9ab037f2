package io.tributary.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;

/** Asking over HTTP. Any other status than those expected is an {@link IOException} that has the body. */
final class Http {
    static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    private Http() {}

    static String text(HttpRequest.Builder asked, Duration timeout, int... expected)
            throws IOException, InterruptedException {
        HttpRequest request = asked.timeout(timeout).build();
        HttpResponse<String> answer = CLIENT.send(request, BodyHandlers.ofString());
        if (Arrays.stream(expected).noneMatch(status -> status == answer.statusCode())) {
            throw new IOException(
                    request.method() + " " + request.uri() + ": " + answer.statusCode() + " " + answer.body());
        }
        return answer.body();
    }

    static JsonNode json(URI uri, Duration timeout, int... expected) throws IOException, InterruptedException {
        return JSON.readTree(text(HttpRequest.newBuilder(uri), timeout, expected));
    }
}
