package io.tributary.ingest.reconcile;

import static java.util.Objects.requireNonNull;

import com.datastax.dse.driver.api.core.cql.reactive.ReactiveRow;
import com.datastax.oss.driver.api.core.AllNodesFailedException;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.CqlSessionBuilder;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.auth.AuthenticationException;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.api.core.ssl.ProgrammaticSslEngineFactory;
import io.tributary.ingest.model.IngestException.ReadFailed;
import io.tributary.schemas.BadConfig;
import io.tributary.schemas.Security;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * One session with Cassandra, for reading, connected when it is first asked for. A connection that failed is tried again
 * by who asks later, not more often than every {@link #PAUSE}: until then they get the same failure at once. Once
 * connected, the driver reconnects by itself.
 */
public final class CassandraSession implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CassandraSession.class);

    static final String STORE = "cassandra";

    /** On a busy machine Cassandra answers late: half of this was seen to be too short. */
    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration RECONNECT_AT_LATEST = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    /** Left to itself the driver takes any name, or asks DNS for one to compare. */
    private static final boolean CHECK_HOST_NAME = true;

    private static final boolean ASK_DNS_FOR_A_NAME = false;

    private final List<InetSocketAddress> contacts;
    private final String datacenter;
    private final Security security;

    private @Nullable CompletableFuture<CqlSession> current;
    private long retryAtNanos;
    private boolean closed;

    /** A session without TLS and login, as on one machine. */
    public CassandraSession(String contacts, String datacenter) {
        this(contacts, datacenter, Security.NONE);
    }

    /**
     * A session that connects on demand.
     *
     * @param contacts {@code host:port}, several with commas between; one that answers is enough
     * @param datacenter the local one
     * @param security with authorities, every node's certificate has to name what the node is reached by: the contact's host,
     *     and the address that the cluster tells of each other node
     */
    public CassandraSession(String contacts, String datacenter, Security security) {
        this.contacts =
                Stream.of(contacts.split(",")).map(CassandraSession::address).toList();
        this.datacenter = datacenter;
        this.security = security;
    }

    private static InetSocketAddress address(String contact) {
        int colon = contact.lastIndexOf(':');
        try {
            String host = contact.substring(0, colon);
            return InetSocketAddress.createUnresolved(host, Integer.parseInt(contact.substring(colon + 1)));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw BadConfig.of("Cassandra contact", "host:port");
        }
    }

    /** Completes when Cassandra answers. */
    public Mono<Void> ping() {
        return rows("select release_version from system.local").then();
    }

    /**
     * Cold. The rows of one query, fetched page by page as they are asked for; errors with {@code ReadFailed}. They arrive
     * on the driver's threads.
     */
    Flux<ReactiveRow> rows(String cql, Object... values) {
        return session()
                .flatMapMany(
                        session -> Mono.fromCompletionStage(() -> session.prepareAsync(cql)) // the driver keeps them
                                .flatMapMany(prepared -> session.executeReactive(
                                        prepared.bind(values).setIdempotent(true))))
                .onErrorMap(CassandraSession::readFailed);
    }

    /** A cancel leaves the connection to others who wait for it; its failure is a value, so that it is not a dropped error then. */
    private Mono<CqlSession> session() {
        return Mono.fromFuture(() -> connected().handle(CassandraSession::outcome), true)
                .flatMap(Function.identity());
    }

    private static Mono<CqlSession> outcome(@Nullable CqlSession session, @Nullable Throwable failure) {
        return session != null ? Mono.just(session) : Mono.error(() -> requireNonNull(failure));
    }

    private synchronized CompletableFuture<CqlSession> connected() {
        if (closed) {
            return CompletableFuture.failedFuture(closedFailure());
        }
        CompletableFuture<CqlSession> known = current;
        if (known != null && !(known.isCompletedExceptionally() && System.nanoTime() - retryAtNanos >= 0)) {
            return known;
        }
        CompletableFuture<CqlSession> made = connect();
        current = made;
        return made;
    }

    /** Reading the driver's configuration blocks, so not on the caller's thread. */
    private CompletableFuture<CqlSession> connect() {
        CompletableFuture<CqlSession> made = new CompletableFuture<>();
        Schedulers.boundedElastic().schedule(() -> {
            try {
                build().whenComplete((session, failure) -> settle(made, session, failure));
            } catch (RuntimeException e) {
                settle(made, null, e);
            }
        });
        return made;
    }

    private CompletionStage<CqlSession> build() {
        CqlSessionBuilder builder = CqlSession.builder()
                .addContactPoints(contacts)
                .withLocalDatacenter(datacenter)
                .withConfigLoader(DriverConfigLoader.programmaticBuilder()
                        .withString(DefaultDriverOption.SESSION_NAME, "tributary-ingest")
                        .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, TIMEOUT)
                        .withDuration(DefaultDriverOption.CONNECTION_CONNECT_TIMEOUT, CONNECT_TIMEOUT)
                        .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, TIMEOUT)
                        .withDuration(DefaultDriverOption.CONNECTION_SET_KEYSPACE_TIMEOUT, TIMEOUT)
                        .withDuration(DefaultDriverOption.CONTROL_CONNECTION_TIMEOUT, TIMEOUT)
                        .withDuration(DefaultDriverOption.HEARTBEAT_TIMEOUT, TIMEOUT)
                        .withDuration(DefaultDriverOption.RECONNECTION_MAX_DELAY, RECONNECT_AT_LATEST)
                        .withBoolean(DefaultDriverOption.METADATA_SCHEMA_ENABLED, false)
                        .withInt(DefaultDriverOption.NETTY_IO_SIZE, 1)
                        .withInt(DefaultDriverOption.NETTY_ADMIN_SIZE, 1)
                        .build());
        security.login().ifPresent(login -> builder.withAuthCredentials(login.user(), login.password()));
        security.authorities()
                .ifPresent(authorities -> builder.withSslEngineFactory(new ProgrammaticSslEngineFactory(
                        authorities.tls(), null, CHECK_HOST_NAME, ASK_DNS_FOR_A_NAME)));
        return builder.buildAsync();
    }

    private void settle(CompletableFuture<CqlSession> made, @Nullable CqlSession session, @Nullable Throwable failure) {
        boolean late;
        synchronized (this) {
            retryAtNanos = System.nanoTime() + PAUSE.toNanos();
            late = closed;
        }
        if (session == null) {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            LOG.warn("store=cassandra contacts={} connected=false cause=\"{}\"", contacts, words(cause));
            made.completeExceptionally(cause == null ? new IllegalStateException("no session, no failure") : cause);
        } else if (late) {
            session.closeAsync();
            made.completeExceptionally(closedFailure());
        } else {
            LOG.info("store=cassandra contacts={} connected=true", contacts);
            made.complete(session);
        }
    }

    private static ReadFailed closedFailure() {
        return new ReadFailed(STORE + " could not be read: the session is closed", null);
    }

    private static Throwable readFailed(Throwable error) {
        return error instanceof DriverException
                ? new ReadFailed(STORE + " could not be read: " + words(error), error)
                : error;
    }

    /** What happened, in one line; of several nodes, what happened at one. */
    private static String words(@Nullable Throwable error) {
        if (error instanceof AllNodesFailedException all) {
            return all.getAllErrors().values().stream()
                    .flatMap(List::stream)
                    .map(CassandraSession::words)
                    .findFirst()
                    .orElseGet(all::toString);
        }
        if (error instanceof AuthenticationException) {
            return "the login is refused: " + error.getMessage();
        }
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException) {
                return "no TLS connection: " + cause.getMessage();
            }
        }
        return String.valueOf(error);
    }

    /** Ends the session; does not wait. */
    @Override
    public synchronized void close() {
        closed = true;
        if (current != null) {
            CompletableFuture<Void> unused = current.thenAccept(CqlSession::closeAsync); // ends by itself
        }
    }
}
