package io.tributary.randomuser;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.zip.GZIPInputStream;

/** Somebody who asks the stand-in over HTTP. */
record Caller(RandomUserServer server) {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** A hung test ends; no test waits for it. */
    private static final Duration HANG = Duration.ofSeconds(30);

    HttpResponse<byte[]> get(String pathAndQuery, String... headers) {
        return send("GET", pathAndQuery, "", headers);
    }

    HttpResponse<byte[]> send(String method, String pathAndQuery, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.port() + pathAndQuery))
                .timeout(HANG)
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** @param query without its question mark */
    JsonNode page(String query) {
        HttpResponse<byte[]> response = get("/api/?" + query);
        if (response.statusCode() != 200) {
            throw new AssertionError("status " + response.statusCode() + ": " + text(response));
        }
        return json(response.body());
    }

    /** The socket of a request that was sent, nothing read yet. */
    Socket open(String pathAndQuery) {
        try {
            Socket socket = new Socket("127.0.0.1", server.port());
            socket.setSoTimeout((int) HANG.toMillis());
            socket.getOutputStream()
                    .write(("GET " + pathAndQuery + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Status line and headers, lower case; the stream stands at the body. */
    static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int c = in.read();
            if (c < 0) {
                throw new AssertionError("ended within the headers: " + head);
            }
            head.append((char) c);
        }
        return head.toString().toLowerCase(java.util.Locale.ROOT);
    }

    static int contentLength(String head) {
        String after = head.substring(head.indexOf("content-length: ") + "content-length: ".length());
        return Integer.parseInt(after.substring(0, after.indexOf('\r')));
    }

    static JsonNode json(byte[] body) {
        try {
            return MAPPER.readTree(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    static byte[] gunzip(byte[] gzip) {
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
