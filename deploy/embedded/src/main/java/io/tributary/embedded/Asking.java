package io.tributary.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The cheap questions, asked before a heavy client is made: is somebody listening, what does this URL say. Bounded by 5 s each. */
final class Asking {
    private static final int CONNECT_MS = 1_000;
    private static final int ANSWER_MS = 5_000;

    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofMillis(CONNECT_MS))
            .build();

    private Asking() {}

    /** Returns where somebody listens on the port of this host, throws {@link IOException} otherwise. */
    static void listening(int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MS);
        }
    }

    /** The answer's body; {@link IOException} where the status is not 200. */
    static String get(URI url) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(url));
    }

    /** The answer's body; {@link IOException} where the status is not 200. */
    static String putJson(URI url, String json) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(url)
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(json)));
    }

    private static String send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response =
                HTTP.send(request.timeout(Duration.ofMillis(ANSWER_MS)).build(), HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(response.uri() + " answered " + response.statusCode());
        }
        return response.body();
    }

    /** ZooKeeper's way to be asked: a word of four letters, answered with text and the end of the connection. */
    static String fourLetters(int port, String word) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MS);
            socket.setSoTimeout(ANSWER_MS);
            socket.getOutputStream().write(word.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }
}
