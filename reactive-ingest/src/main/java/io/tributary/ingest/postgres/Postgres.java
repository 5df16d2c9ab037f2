package io.tributary.ingest.postgres;

import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.ConnectionPoolConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.client.SSLMode;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.R2dbcBadGrammarException;
import io.r2dbc.spi.R2dbcDataIntegrityViolationException;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.ValidationDepth;
import io.r2dbc.spi.Wrapped;
import io.tributary.ingest.model.IngestException;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.StoreFailed;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A bounded pool of connections to one database. Whatever the driver reports leaves here as an {@link IngestException}.
 */
public final class Postgres implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    /** Waiting for a connection longer than this is a failure: the pool is as large as the pages in flight need. */
    private static final Duration ACQUIRE_TIMEOUT = Duration.ofSeconds(60);

    /** Ours do not idle inside of a transaction; a process that was stopped there does, on locks that others wait for. */
    private static final Duration IDLE_IN_TRANSACTION = Duration.ofSeconds(10);
    /** As {@link #IDLE_IN_TRANSACTION}, for one that was stopped in the middle of a COPY: its keys are locked so long. */
    private static final Duration LONGEST_TRANSACTION = Duration.ofMinutes(2);

    private static final Duration NO_BOUND = Duration.ZERO;

    private final ConnectionPool pool;

    /**
     * A pool that connects on demand, for the short transactions of pages: the server ends one that takes longer than two
     * minutes. Needs PostgreSQL 17.
     *
     * @param connections at most open at once
     */
    public Postgres(PostgresAddress address, int connections) {
        this(address, connections, LONGEST_TRANSACTION);
    }

    /** The same for questions that take what they take: those of the API and of the reconciliation. */
    public static Postgres forQuestions(PostgresAddress address, int connections) {
        return new Postgres(address, connections, NO_BOUND);
    }

    private Postgres(PostgresAddress address, int connections, Duration longestTransaction) {
        PostgresqlConnectionConfiguration.Builder asked = PostgresqlConnectionConfiguration.builder()
                .applicationName("tributary-ingest")
                .host(address.host())
                .port(address.port())
                .database(address.database())
                .username(address.user())
                .password(address.password())
                .connectTimeout(CONNECT_TIMEOUT)
                .tcpKeepAlive(true)
                .options(Map.of(
                        "idle_in_transaction_session_timeout", Long.toString(IDLE_IN_TRANSACTION.toMillis()),
                        "transaction_timeout", Long.toString(longestTransaction.toMillis())));
        address.authorities()
                .ifPresent(authorities -> asked.sslMode(SSLMode.VERIFY_FULL)
                        .sslRootCert(authorities.file().toString()));
        PostgresqlConnectionFactory factory = new PostgresqlConnectionFactory(asked.build());
        this.pool = new ConnectionPool(ConnectionPoolConfiguration.builder(factory)
                .initialSize(0)
                .maxSize(connections)
                .acquireRetry(connections) // all may have been discarded
                .maxIdleTime(Duration.ofMinutes(5))
                .maxAcquireTime(ACQUIRE_TIMEOUT)
                .maxCreateConnectionTime(CONNECT_TIMEOUT.multipliedBy(2))
                .build());
    }

    /** All of {@code work} or nothing of it. A cancel rolls back. */
    public <T> Mono<T> inTransaction(Function<PostgresqlConnection, Mono<T>> work) {
        return withConnection(connection -> Mono.usingWhen(
                connection.beginTransaction().thenReturn(connection),
                work,
                PostgresqlConnection::commitTransaction,
                (held, error) -> held.rollbackTransaction(),
                PostgresqlConnection::rollbackTransaction));
    }

    /** Each statement of {@code work} commits by itself. */
    public <T> Mono<T> withConnection(Function<PostgresqlConnection, Mono<T>> work) {
        return Mono.usingWhen(
                        pool.create(),
                        pooled -> work.apply(unwrapped(pooled)),
                        Connection::close,
                        (pooled, error) -> pooled.close(),
                        Postgres::discardOnceSettled)
                .onErrorMap(Postgres::translated)
                .onTerminateDetach(); // a page's chain goes on for long after this step: let go what made it
    }

    /** As {@link #withConnection}, for results that are streamed. */
    public <T> Flux<T> streaming(Function<PostgresqlConnection, Publisher<T>> work) {
        return Flux.usingWhen(
                        pool.create(),
                        pooled -> work.apply(unwrapped(pooled)),
                        Connection::close,
                        (pooled, error) -> pooled.close(),
                        Postgres::discardOnceSettled)
                .onErrorMap(Postgres::translated);
    }

    /** Completes when the database answers. */
    public Mono<Void> ping() {
        return withConnection(connection -> connection
                        .createStatement("select 1")
                        .execute()
                        .flatMap(result -> result.map(row -> row.get(0, Integer.class)))
                        .then(Mono.just(true)))
                .then();
    }

    @Override
    public void close() {
        pool.dispose();
    }

    /**
     * A connection is not used again after a cancel, which waits for nothing: a statement may be under way, a rollback behind
     * it, and another thread may be about to send the next. The driver leaves out the next user's BEGIN while it takes the old
     * transaction for open, and then that one's statements commit one by one. It keeps its place in the pool until the
     * server has answered, so that no more than the pool's connections ever wait there.
     *
     * <p>Who cancels in the very instant in which the pool hands a connection out has the pool take it back, too (r2dbc-pool 1.0):
     * its next user then meets a {@code TRANSIENT} "Connection closed".
     */
    private static Mono<Void> discardOnceSettled(Connection pooled) {
        return Mono.from(pooled.validate(ValidationDepth.REMOTE))
                .then(Mono.defer(() -> unwrapped(pooled).close()))
                .onErrorComplete() // it is lost already
                .then(Mono.from(pooled.close()));
    }

    private static PostgresqlConnection unwrapped(Connection pooled) {
        return (PostgresqlConnection) ((Wrapped<?>) pooled).unwrap();
    }

    /** True where a row is there already (SQLSTATE 23505). */
    public static boolean isDuplicate(Throwable failure) {
        return failure.getCause() instanceof R2dbcException refused && "23505".equals(refused.getSqlState());
    }

    /** The one place where SQLSTATE and the driver's exceptions become ours. */
    private static Throwable translated(Throwable error) {
        if (error instanceof IngestException) {
            return error;
        }
        if (error instanceof R2dbcDataIntegrityViolationException || error instanceof R2dbcBadGrammarException) {
            return new StoreFailed(Kind.REJECTED, "PostgreSQL refuses: " + error.getMessage(), error);
        }
        if (error instanceof R2dbcException r2dbc) {
            return new StoreFailed(kindOf(r2dbc.getSqlState()), "PostgreSQL: " + error.getMessage(), error);
        }
        if (error instanceof TimeoutException) {
            return new StoreFailed(Kind.TRANSIENT, "PostgreSQL: " + error.getMessage(), error);
        }
        return error;
    }

    /** Class 22 is data that the database can not take; everything else may pass later: connection, resources, operator. */
    private static Kind kindOf(@Nullable String sqlState) {
        return sqlState != null && sqlState.startsWith("22") ? Kind.REJECTED : Kind.TRANSIENT;
    }
}
