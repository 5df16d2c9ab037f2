package io.tributary.ingest.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.embedded.EmbeddedStack;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackListener;
import io.tributary.embedded.StackOptions;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.StoreFailed;
import io.tributary.ingest.postgres.EmbeddedPostgres;
import io.tributary.ingest.postgres.PostgresAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** The version of the ledger, on a real PostgreSQL; each test begins without one. */
@Tag("bad-input-36")
class MigrationsIT {
    private static final int AT_ONCE = 4;

    @TempDir
    static Path dir;

    private static EmbeddedStack stack;
    private static PostgresAddress database;

    @BeforeAll
    static void startPostgres() throws IOException {
        stack = EmbeddedStack.start(
                StackOptions.of(Path.of("..")).withDataDir(dir).withParts(Set.of(Part.POSTGRES)), StackListener.SILENT);
        database = EmbeddedPostgres.addressOf(stack);
    }

    @AfterAll
    static void stopPostgres() {
        stack.close();
    }

    @BeforeEach
    void empty() throws SQLException {
        execute(database, "drop schema public cascade");
        execute(database, "create schema public");
    }

    @Test
    @DisplayName("36 · a ledger of a newer version is refused by name and left as it is")
    void aLedgerOfANewerVersionIsRefused() throws SQLException {
        // Given
        Migrations.apply(database).block();
        execute(database, """
                insert into flyway_schema_history
                  (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
                values (99, '99', 'from the future', 'SQL', 'V99__future.sql', 1, 'them', 1, true)""");
        // When
        StepVerifier.create(Migrations.apply(database))
                // Then
                .verifyErrorSatisfies(e -> assertThat(e).isInstanceOfSatisfying(StoreFailed.class, refused -> {
                    assertThat(refused.kind()).isEqualTo(Kind.REJECTED);
                    assertThat(refused).hasMessageContaining("99").hasMessageContaining("newer");
                }));
        assertThat(number(database, "select count(*) from flyway_schema_history where version = '99'"))
                .isOne();
    }

    @Test
    @DisplayName("36 · instances that start at once migrate one after the other, each migration once")
    void instancesThatStartAtOnceMigrateOnce() throws SQLException {
        // When
        Flux.range(1, AT_ONCE)
                .flatMap(instance -> Migrations.apply(database), AT_ONCE)
                .then()
                .block();
        // Then
        assertThat(number(database, "select count(*) - count(distinct version) from flyway_schema_history"))
                .isZero();
        assertThat(number(database, "select count(*) from run")).isZero();
    }

    private static void execute(PostgresAddress address, String sql) throws SQLException {
        try (Connection connection = connect(address);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long number(PostgresAddress address, String query) throws SQLException {
        try (Connection connection = connect(address);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static Connection connect(PostgresAddress address) throws SQLException {
        return DriverManager.getConnection(address.jdbcUrl(), address.user(), address.password());
    }
}
