package io.tributary.ingest.ledger;

import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.StoreFailed;
import io.tributary.ingest.postgres.PostgresAddress;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.flywaydb.core.internal.exception.FlywaySqlException;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Brings the ledger to this program's version, under Flyway's advisory lock; refuses one of a newer program. */
public final class Migrations {
    private Migrations() {}

    /**
     * Applies what is missing of {@code /sql}. Errors with {@code StoreFailed}: {@code TRANSIENT} when the database can
     * not be reached, {@code REJECTED} when its version is not ours.
     */
    public static Mono<Void> apply(PostgresAddress address) {
        return Mono.<Void>fromRunnable(() -> Flyway.configure(Migrations.class.getClassLoader())
                        .dataSource(address.jdbcUrl(), address.user(), address.password())
                        .locations("classpath:sql")
                        .ignoreMigrationPatterns("") // by default a migration of the future is let pass
                        .load()
                        .migrate())
                .subscribeOn(Schedulers.boundedElastic())
                .onErrorMap(FlywayException.class, e -> new StoreFailed(kindOf(e), message(address, e), e));
    }

    private static String message(PostgresAddress address, FlywayException e) {
        String said = "migration of " + address + ": " + e.getMessage();
        return e instanceof FlywayValidateException
                ? said + "\nThe ledger is of a newer version than this program: use the program that migrated it."
                : said;
    }

    private static Kind kindOf(FlywayException e) {
        return e instanceof FlywaySqlException ? Kind.TRANSIENT : Kind.REJECTED;
    }
}
