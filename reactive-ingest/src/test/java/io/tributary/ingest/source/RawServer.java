package io.tributary.ingest.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;

/**
 * A server that says exactly what a test wants, byte by byte, also what no HTTP server would say. Each request takes the
 * next script, the last one stays.
 */
final class RawServer implements AutoCloseable {
    /** What is done with the connection once a request has been read. */
    interface Script {
        void answer(Connection connection) throws IOException;
    }

    private static final long PATIENCE_S = 20;

    private final ServerSocket listener;
    private final Queue<Script> scripts;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> goodbyes = new LinkedBlockingQueue<>();
    private final AtomicInteger connections = new AtomicInteger();

    private RawServer(ServerSocketFactory factory, List<Script> scripts) {
        try {
            listener = factory.createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.scripts = new ConcurrentLinkedQueue<>(scripts);
        start("listener", this::listen);
    }

    static RawServer saying(Script... scripts) {
        return new RawServer(ServerSocketFactory.getDefault(), List.of(scripts));
    }

    static RawServer sayingBy(ServerSocketFactory factory, Script script) {
        return new RawServer(factory, List.of(script));
    }

    URI uri(String scheme) {
        return URI.create(scheme + "://127.0.0.1:" + listener.getLocalPort() + "/api/");
    }

    /** The head of the next request, waited for. */
    String request() {
        return taken(requests);
    }

    int requestsSoFar() {
        return requests.size();
    }

    int connectionsSoFar() {
        return connections.get();
    }

    /** Waits until the client has closed or reset a connection. */
    void awaitGoodbye() {
        taken(goodbyes);
    }

    private static String taken(BlockingQueue<String> queue) {
        try {
            String next = queue.poll(PATIENCE_S, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("nothing came within " + PATIENCE_S + " s");
            }
            return next;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void listen() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                sockets.add(socket);
                connections.incrementAndGet();
                start("connection", () -> serve(socket));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            Connection connection = new Connection(socket);
            while (!socket.isClosed()) {
                String head = connection.head();
                if (head.isEmpty()) {
                    break;
                }
                requests.add(head);
                Script script = scripts.size() > 1 ? scripts.remove() : scripts.element();
                script.answer(connection);
            }
            goodbyes.add("end");
        } catch (IOException e) {
            goodbyes.add("reset");
        }
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, "raw-server-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    /** One connection after its request was read. */
    static final class Connection {
        private final Socket socket;
        private final InputStream in;
        private final OutputStream out;

        private Connection(Socket socket) throws IOException {
            this.socket = socket;
            this.in = socket.getInputStream();
            this.out = socket.getOutputStream();
            socket.setTcpNoDelay(true);
        }

        private String head() throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = in.read();
                if (next < 0) {
                    return "";
                }
                head.append((char) next);
            }
            return head.toString();
        }

        Connection send(byte[] bytes) throws IOException {
            out.write(bytes);
            out.flush();
            return this;
        }

        Connection send(String text) throws IOException {
            return send(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        /** Waits for the client to end the connection. */
        void stall() throws IOException {
            if (in.read() >= 0) {
                throw new IOException("the client sent more");
            }
            close();
        }

        void close() throws IOException {
            socket.close();
        }

        /** Ends it by a TCP reset. */
        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }

    /** A whole and honest answer. */
    static Script answer(String statusAndHeaders, byte[] body) {
        return connection -> connection
                .send("HTTP/1.1 " + statusAndHeaders + "\r\nContent-Length: " + body.length + "\r\n\r\n")
                .send(body);
    }
}
