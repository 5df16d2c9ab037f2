package io.tributary.stream.cassandra;

import com.datastax.oss.driver.api.core.AllNodesFailedException;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.CqlSessionBuilder;
import com.datastax.oss.driver.api.core.auth.AuthenticationException;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The driver's sessions of this JVM: one for each cluster, shared by all tasks, closed when the JVM ends. */
public final class CassandraSessions {
    private static final Logger LOG = LoggerFactory.getLogger(CassandraSessions.class);
    private static final Map<Key, Shared> SHARED = new ConcurrentHashMap<>();
    private static final Duration PAUSE = Duration.ofMillis(500);

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(CassandraSessions::closeAll, "cassandra-sessions"));
    }

    private CassandraSessions() {}

    /**
     * The session that a sink with these options uses, opened if it is not; waits for Cassandra as long as the option
     * {@code retryFor} says. Not for the caller to close.
     *
     * @param options those of the sink
     * @throws IOException when no contact point answered in time
     * @throws IllegalArgumentException naming the option that can not be used
     */
    public static CqlSession shared(Map<String, String> options) throws IOException {
        return shared(SinkOptions.of(options));
    }

    static CqlSession shared(SinkOptions options) throws IOException {
        Key key = new Key(
                options.contactPoints(),
                options.datacenter(),
                options.consistency(),
                options.requestTimeout(),
                options.guard());
        return SHARED.computeIfAbsent(key, k -> new Shared()).open(options);
    }

    private static void closeAll() {
        SHARED.values().forEach(Shared::close);
    }

    private record Key(
            List<String> contactPoints, String datacenter, String consistency, Duration timeout, Guard guard) {}

    /** A place for one session; one thread opens it, the others wait. */
    private static final class Shared {
        private @Nullable CqlSession session;

        synchronized CqlSession open(SinkOptions options) throws IOException {
            CqlSession known = session;
            if (known != null && !known.isClosed()) {
                return known;
            }
            CqlSession opened = connect(options);
            session = opened;
            return opened;
        }

        void close() { // not synchronized: the end of the JVM does not wait for a thread that waits for Cassandra
            CqlSession open = session;
            if (open != null) {
                open.forceCloseAsync();
            }
        }

        private static CqlSession connect(SinkOptions options) throws IOException {
            long deadline = System.nanoTime() + options.retryFor().toNanos();
            while (true) {
                try {
                    CqlSessionBuilder builder = CqlSession.builder()
                            .addContactPoints(options.addresses())
                            .withLocalDatacenter(options.datacenter())
                            .withConfigLoader(config(options));
                    options.guard().protect(builder);
                    return builder.buildAsync().toCompletableFuture().get();
                } catch (ExecutionException e) {
                    boolean unreachable = e.getCause() instanceof AllNodesFailedException;
                    Throwable refusal = refusal(e.getCause());
                    if (refusal != null) { // waiting does not mend it
                        throw new IOException(
                                "no session with Cassandra at " + options.contactPoints() + ": " + refusal.getMessage(),
                                refusal);
                    }
                    if (!unreachable || System.nanoTime() > deadline) {
                        throw new IOException("no session with Cassandra at " + options.contactPoints(), e.getCause());
                    }
                    LOG.debug("cassandra=unreachable contact={}", options.contactPoints());
                    pause();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException("interrupted while connecting to Cassandra");
                }
            }
        }

        /** What says that a node is there and that it, or we, do not take the other; null otherwise. */
        private static @Nullable Throwable refusal(@Nullable Throwable failure) {
            if (failure instanceof AllNodesFailedException all) {
                return all.getAllErrors().values().stream()
                        .flatMap(List::stream)
                        .map(Shared::refusal)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(null);
            }
            boolean refused = failure instanceof AuthenticationException || failure instanceof SSLException;
            return refused || failure == null ? failure : refusal(failure.getCause());
        }

        private static void pause() throws InterruptedIOException {
            try {
                TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while waiting for Cassandra");
            }
        }

        private static DriverConfigLoader config(SinkOptions options) {
            Duration timeout = options.requestTimeout();
            return DriverConfigLoader.programmaticBuilder()
                    .withString(DefaultDriverOption.REQUEST_CONSISTENCY, options.consistency())
                    .withBoolean(DefaultDriverOption.REQUEST_DEFAULT_IDEMPOTENCE, true)
                    .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, timeout)
                    .withDuration(DefaultDriverOption.CONNECTION_CONNECT_TIMEOUT, timeout)
                    .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, timeout)
                    .withDuration(DefaultDriverOption.CONTROL_CONNECTION_TIMEOUT, timeout)
                    .withDuration(DefaultDriverOption.METADATA_SCHEMA_REQUEST_TIMEOUT, timeout)
                    .withStringList(
                            DefaultDriverOption.METADATA_SCHEMA_REFRESHED_KEYSPACES, List.of(options.keyspace()))
                    .withDuration(DefaultDriverOption.RECONNECTION_BASE_DELAY, Duration.ofMillis(500))
                    .withDuration(DefaultDriverOption.RECONNECTION_MAX_DELAY, Duration.ofSeconds(3))
                    .withInt(DefaultDriverOption.CONNECTION_MAX_REQUESTS, 8192) // several tasks share one connection
                    .withInt(DefaultDriverOption.NETTY_IO_SIZE, 2)
                    .withInt(DefaultDriverOption.NETTY_ADMIN_SIZE, 1)
                    .withBoolean(DefaultDriverOption.NETTY_DAEMON, true)
                    .build();
        }
    }
}
