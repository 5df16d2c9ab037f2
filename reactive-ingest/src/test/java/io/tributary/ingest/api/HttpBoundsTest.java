package io.tributary.ingest.api;

import static io.tributary.ingest.api.ApiUnderTest.VALID;
import static io.tributary.ingest.api.FakeLedger.progress;
import static io.tributary.ingest.api.FakeLedger.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingest.model.RunState;
import io.tributary.ingest.reconcile.Reconciliation;
import io.tributary.ingest.reconcile.Reconciliation.Drift;
import io.tributary.schemas.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** What is said on the wire, valid HTTP or not, is bounded in bytes and in time. */
class HttpBoundsTest {
    private static final String POST = "POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";

    @Test
    void aBodyAnnouncedAboveTheLimitIsRefusedBeforeItIsSentAndTheConnectionIsClosed() throws Exception {
        try (ApiUnderTest api = new ApiUnderTest()) {
            // When
            String reply = api.say(POST + "Idempotency-Key: k\r\nContent-Length: 10485760\r\n\r\n");
            // Then
            assertThat(reply).startsWith("HTTP/1.1 413 ").contains("application/problem+json");
        }
    }

    @Tag("bad-input-3")
    @DisplayName("3 · a body of 10 MB: 413, connection closed")
    @Test
    void aBodyOfTenMegabytesIsRefusedAndItsSenderCanReadWhy() throws Exception {
        try (ApiUnderTest api = new ApiUnderTest()) {
            // When
            String reply =
                    api.say(POST + "Idempotency-Key: k\r\nContent-Length: 10485760\r\n\r\n" + "x".repeat(1 << 17));
            // Then
            assertThat(reply).startsWith("HTTP/1.1 413 ").contains("\"status\":413");
        }
    }

    @Tag("bad-input-3")
    @DisplayName("3 · endless chunks: 413 at 64 KiB")
    @Test
    void endlessChunksAreCutOffAtTheLimit() throws Exception {
        try (ApiUnderTest api = new ApiUnderTest();
                Socket socket = api.connect()) {
            // When
            OutputStream out = socket.getOutputStream();
            out.write((POST + "Idempotency-Key: k\r\nTransfer-Encoding: chunked\r\n\r\n").getBytes());
            byte[] chunk = ("1000\r\n" + " ".repeat(0x1000) + "\r\n").getBytes();
            for (int sent = 0; sent < 20; sent++) {
                out.write(chunk);
            }
            String reply = untilClosed(socket);
            // Then
            assertThat(reply).startsWith("HTTP/1.1 413 ");
        }
    }

    @Tag("bad-input-3")
    @DisplayName("3 · chunks for ever: connection closed")
    @Test
    void whoNeverStopsSendingChunksIsDisconnected() throws Exception {
        try (ApiUnderTest api = new ApiUnderTest();
                Socket socket = api.connect()) {
            // Given
            OutputStream out = socket.getOutputStream();
            out.write((POST + "Idempotency-Key: k\r\nTransfer-Encoding: chunked\r\n\r\n").getBytes());
            byte[] chunk = ("1000\r\n" + " ".repeat(0x1000) + "\r\n").getBytes();
            // When
            boolean cut = false;
            while (!cut) {
                try {
                    out.write(chunk);
                } catch (SocketException e) {
                    cut = true;
                }
            }
            // Then
            assertThat(cut).isTrue(); // or this test does not end
        }
    }

    @Test
    void aBodyOfExactlyTheLimitIsRead() throws Exception {
        try (ApiUnderTest api = new ApiUnderTest()) {
            // Given
            String body = VALID + " ".repeat(64 * 1024 - VALID.length());
            // When
            String reply = api.say(POST + "Connection: close\r\nIdempotency-Key: k\r\nContent-Length: " + body.length()
                    + "\r\n\r\n" + body);
            String oneMore = api.say(
                    POST + "Idempotency-Key: l\r\nContent-Length: " + (body.length() + 1) + "\r\n\r\n" + body + " ");
            // Then
            assertThat(reply).startsWith("HTTP/1.1 201 ");
            assertThat(oneMore).startsWith("HTTP/1.1 413 ");
        }
    }

    @Tag("bad-input-11")
    @DisplayName("11 · both Transfer-Encoding and Content-Length: 400")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                "Content-Length: 5\r\nContent-Length: 6\r\n",
                "Content-Length: -1\r\n",
                "Content-Length: five\r\n",
                "no colon here\r\n",
                "Idempotency-Key : k\r\nContent-Length: 2\r\n",
                "Bad\u0001Name: x\r\n"
            })
    void anAmbiguousOrBrokenHeaderIsMalformedAndTheConnectionIsClosed(String header) throws Exception {
        try (ApiUnderTest api = new ApiUnderTest()) {
            // When
            String reply = api.say(POST + header + "\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
            // Then
            assertThat(reply).matches("(?s)HTTP/1.[01] 400 .*application/problem\\+json.*");
            assertThat(reply.split("HTTP/1.")).hasSize(2); // one answer: nothing was smuggled behind it
        }
    }

    @Test
    void headersAndRequestLinesAreBounded() throws Exception {
        try (ApiUnderTest api = new ApiUnderTest()) {
            // When
            String line = api.say("GET /" + "x".repeat(5_000) + " HTTP/1.1\r\nHost: x\r\n\r\n");
            String headers = api.say("GET /metrics HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(17_000) + "\r\n\r\n");
            // Then
            assertThat(line).matches("(?s)HTTP/1.[01] 414 .*application/problem\\+json.*");
            assertThat(headers).matches("(?s)HTTP/1.[01] 431 .*application/problem\\+json.*");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/%zz", "/api/v1/runs?limit=%zz", "/api/v1/runs/%"})
    void aBrokenEscapeIsNotAnAccident(String target) throws Exception {
        try (ApiUnderTest api = new ApiUnderTest()) {
            // When
            String reply = api.say("GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            // Then
            assertThat(reply).startsWith("HTTP/1.1 4").contains("application/problem+json");
        }
    }

    @Tag("bad-input-11")
    @DisplayName("11 · headers byte by byte: closed in time")
    @Test
    void aHeaderThatDripsByteByByteIsCutOffInTime() throws Exception {
        ApiLimits limits = TestLimits.with(l -> l.receive = Duration.ofMillis(200));
        try (ApiUnderTest api = new ApiUnderTest(limits);
                Socket socket = api.connect()) {
            // Given a sender that is never idle
            OutputStream out = socket.getOutputStream();
            out.write("GET /metrics HTTP/1.1\r\nX: ".getBytes());
            socket.setSoTimeout(5);
            // When
            boolean cut = false;
            while (!cut) {
                try {
                    out.write('x');
                    cut = socket.getInputStream().read() < 0;
                } catch (SocketTimeoutException e) {
                    cut = false; // still open
                } catch (SocketException e) {
                    cut = true;
                }
            }
            // Then
            assertThat(cut).isTrue(); // or this test does not end
        }
    }

    @Test
    void aBodyThatDoesNotComeIsCutOffInTime() throws Exception {
        ApiLimits limits = TestLimits.with(l -> l.receive = Duration.ofMillis(200));
        try (ApiUnderTest api = new ApiUnderTest(limits)) {
            // When
            String reply = api.say(POST + "Idempotency-Key: k\r\nContent-Length: 100\r\n\r\n{");
            // Then
            assertThat(reply).isEmpty();
        }
    }

    @Test
    void aConnectionThatSaysNothingMoreIsClosedInTime() throws Exception {
        ApiLimits limits = TestLimits.with(l -> l.receive = Duration.ofMillis(200));
        try (ApiUnderTest api = new ApiUnderTest(limits)) {
            // When
            String reply = api.say("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
            // Then
            assertThat(reply).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void anAnswerThatTakesLongIsNotCutOff() throws Exception {
        ApiLimits limits = TestLimits.with(l -> {
            l.receive = Duration.ofMillis(100);
            l.send = Duration.ofMillis(100);
        });
        try (ApiUnderTest api = new ApiUnderTest(limits)) {
            // Given
            api.dependencies = Mono.delay(Duration.ofMillis(600))
                    .thenReturn(Map.of("postgres", Optional.empty(), "kafka", Optional.empty()));
            // When the second of two pipelined requests takes longer than any deadline of the connection
            String reply = api.say("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
                    + "GET /health/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            // Then
            assertThat(reply.split("HTTP/1.1 200 ")).hasSize(3);
        }
    }

    @Test
    void anAnswerThatIsNotReadIsCutOffInTime() throws Exception {
        ApiLimits limits = TestLimits.with(l -> {
            l.send = Duration.ofMillis(200);
            l.connections = 1;
        });
        try (ApiUnderTest api = new ApiUnderTest(limits);
                Socket socket = new Socket()) {
            // Given an answer larger than all buffers on its way
            api.ledger.hold(progress(run(1, RunState.COMPLETE), 1_000));
            api.reconciler = (run, deep) -> Mono.just(new Reconciliation(
                    run.id(),
                    deep,
                    Digest.EMPTY,
                    Digest.EMPTY,
                    Digest.EMPTY,
                    0,
                    Digest.EMPTY,
                    Collections.nCopies(100, new Drift("kafka", 1, null, "x".repeat(200_000))),
                    100,
                    List.of(),
                    Map.of()));
            socket.setReceiveBufferSize(4_096);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), api.port));
            socket.setSoTimeout(20_000);
            // When
            socket.getOutputStream()
                    .write(("GET /api/v1/runs/" + new UUID(0, 1) + "/reconciliation HTTP/1.1\r\nHost: x\r\n\r\n")
                            .getBytes());
            boolean roomForAnother = false;
            while (!roomForAnother) {
                try (Socket another = api.connect()) {
                    roomForAnother = answered(another);
                }
            }
            long read = readable(socket);
            // Then
            assertThat(read).isLessThan(20_000_000);
        }
    }

    @Test
    void oneConnectionTooManyIsClosedAtOnce() throws Exception {
        ApiLimits limits = TestLimits.with(l -> l.connections = 2);
        try (ApiUnderTest api = new ApiUnderTest(limits);
                Socket first = api.connect();
                Socket second = api.connect()) {
            // Given
            assertThat(answered(first)).isTrue();
            assertThat(answered(second)).isTrue();
            // When
            try (Socket third = api.connect()) {
                // Then
                assertThat(answered(third)).isFalse();
                assertThat(answered(first)).isTrue();
            }
            first.close();
            second.close();
        }
    }

    private static boolean answered(Socket socket) {
        try {
            socket.getOutputStream().write("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n".getBytes());
            byte[] answer = new byte[1_000];
            return socket.getInputStream().read(answer) > 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static String untilClosed(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder reply = new StringBuilder();
        try {
            for (int next = in.read(); next >= 0; next = in.read()) {
                reply.append((char) next);
            }
        } catch (SocketException e) {
            reply.append(""); // reset, as we were still sending
        }
        return reply.toString();
    }

    private static long readable(Socket socket) {
        long read = 0;
        byte[] some = new byte[64 * 1024];
        try {
            for (int n = socket.getInputStream().read(some);
                    n >= 0;
                    n = socket.getInputStream().read(some)) {
                read += n;
            }
        } catch (IOException e) {
            return read;
        }
        return read;
    }
}
