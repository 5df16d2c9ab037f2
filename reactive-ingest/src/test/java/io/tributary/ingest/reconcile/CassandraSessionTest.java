package io.tributary.ingest.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.datastax.oss.driver.api.core.AllNodesFailedException;
import io.tributary.ingest.model.IngestException.ReadFailed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Hooks;

class CassandraSessionTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Queue<Throwable> dropped = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void noticeWhatIsDropped() {
        Hooks.onErrorDropped(dropped::add);
    }

    @AfterEach
    void forget() {
        Hooks.resetOnErrorDropped();
    }

    @Test
    void whoNoLongerWaitsForAConnectionIsNotToldThatItFailed() throws IOException {
        try (CassandraSession session = new CassandraSession(nobody(1), "datacenter1")) {
            // Given
            CompletableFuture<Void> waits = session.ping().toFuture();
            // When
            session.ping().subscribe().dispose();
            // Then
            assertThat(waits)
                    .failsWithin(PATIENCE) // a future tells the last who asked first, so the other has been told
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(ReadFailed.class);
            assertThat(dropped).isEmpty();
        }
    }

    @Test
    void everyContactIsTried() throws IOException {
        // Given
        try (CassandraSession session = new CassandraSession(nobody(2), "datacenter1")) {
            // When
            assertThatThrownBy(() -> session.ping().block(PATIENCE))
                    // Then
                    .cause()
                    .isInstanceOfSatisfying(
                            AllNodesFailedException.class,
                            failed -> assertThat(failed.getAllErrors()).hasSize(2));
        }
    }

    /** Addresses that refuse connections. */
    private static String nobody(int addresses) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            while (sockets.size() < addresses) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream()
                    .map(socket -> "127.0.0.1:" + socket.getLocalPort())
                    .collect(Collectors.joining(","));
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }
}
