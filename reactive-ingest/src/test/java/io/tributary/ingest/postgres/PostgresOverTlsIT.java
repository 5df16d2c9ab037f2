package io.tributary.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.embedded.Addresses;
import io.tributary.embedded.Certificates;
import io.tributary.embedded.EmbeddedStack;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackListener;
import io.tributary.embedded.StackOptions;
import io.tributary.ingest.ledger.Migrations;
import io.tributary.ingest.model.IngestException.StoreFailed;
import io.tributary.schemas.Security;
import io.tributary.schemas.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** Both drivers against a real PostgreSQL that does TLS: the pool's and Flyway's JDBC. */
class PostgresOverTlsIT {
    @TempDir
    static Path dir;

    private static EmbeddedStack stack;
    private static Certificates ours;
    private static Certificates others;

    /** Who connects. */
    enum Driver {
        R2DBC {
            @Override
            Mono<Void> connect(PostgresAddress address) {
                return Mono.using(
                        () -> new Postgres(address, 1),
                        postgres -> postgres.ping().publishOn(Schedulers.boundedElastic()), // closing waits
                        Postgres::close);
            }
        },
        JDBC {
            @Override
            Mono<Void> connect(PostgresAddress address) {
                return Migrations.apply(address);
            }
        };

        abstract Mono<Void> connect(PostgresAddress address);
    }

    @BeforeAll
    static void startPostgres() throws IOException, GeneralSecurityException {
        ours = Certificates.in(dir.resolve("our ca"));
        ours.sign("here", "ip:127.0.0.1");
        ours.sign("elsewhere", "dns:elsewhere.test");
        others = Certificates.in(dir.resolve("others"));
        stack = EmbeddedStack.start(
                StackOptions.of(Path.of("..")).withDataDir(dir.resolve("data")).withParts(Set.of(Part.POSTGRES)),
                StackListener.SILENT);
    }

    @AfterAll
    static void stopPostgres() {
        stack.close();
    }

    @ParameterizedTest
    @EnumSource
    void theRightAuthorityLetsIn(Driver driver) throws IOException, SQLException {
        // Given
        present("here");
        // When
        StepVerifier.create(driver.connect(trusting(ours)))
                // Then
                .verifyComplete();
    }

    @ParameterizedTest
    @EnumSource
    void anotherAuthorityIsRefused(Driver driver) throws IOException, SQLException {
        // Given
        present("here");
        // When
        StepVerifier.create(driver.connect(trusting(others)))
                // Then
                .verifyErrorSatisfies(e -> assertThat(e)
                        .isInstanceOf(StoreFailed.class)
                        .hasMessageNotContaining(password())
                        .hasStackTraceContaining("PKIX path"));
    }

    @ParameterizedTest
    @EnumSource
    void aCertificateForAnotherHostIsRefused(Driver driver) throws IOException, SQLException {
        // Given
        present("elsewhere");
        // When
        StepVerifier.create(driver.connect(trusting(ours)))
                // Then
                .verifyErrorSatisfies(e -> assertThat(e)
                        .isInstanceOf(StoreFailed.class)
                        .hasMessageNotContaining(password())
                        .satisfies(refused ->
                                assertThat(traceOf(refused)).containsAnyOf("hostname", "subject alternative")));
    }

    /** What {@code verify-full} refuses, {@code verify-ca} lets in: nothing but the name is wrong with it. */
    @Test
    void theOtherHostsCertificateIsOfTheKnownAuthority() throws IOException, SQLException {
        // Given
        present("elsewhere");
        String full = trusting(ours).jdbcUrl();
        // When
        try (Connection connection = DriverManager.getConnection(
                full.replace("sslmode=verify-full", "sslmode=verify-ca"),
                trusting(ours).user(),
                password())) {
            // Then
            assertThat(connection.isValid(0)).isTrue();
        }
    }

    /** Netty 4.2 checks names by itself, also under {@code verify-ca}; told not to, it leaves that to the driver. */
    @Test
    void thePoolsDriverChecksTheNameWithoutNettyToo() throws Exception {
        // Given
        present("elsewhere");
        // When
        Process connecting = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dio.netty.handler.ssl.defaultEndpointVerificationAlgorithm=NONE", // read once in a JVM
                        "-cp",
                        System.getProperty("java.class.path"),
                        ConnectOnce.class.getName(),
                        String.valueOf(
                                stack.addresses().postgres().orElseThrow().port()),
                        ours.authority().toString())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("connect.log").toFile())
                .start();
        // Then
        assertThat(connecting.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(connecting.exitValue()).isEqualTo(ConnectOnce.REFUSED);
        assertThat(dir.resolve("connect.log")).content().contains("could not be verified");
    }

    /** A JVM's main: one connection of the pool, to a database that need not let it in. */
    static final class ConnectOnce {
        static final int REFUSED = 3;

        private ConnectOnce() {}

        public static void main(String[] args) {
            Settings settings = Settings.read("T_", Map.of("T_CA_FILE", args[1]));
            PostgresAddress address = new PostgresAddress(
                    "127.0.0.1",
                    Integer.parseInt(args[0]),
                    "postgres",
                    "nobody",
                    "nothing",
                    Security.authorities(settings, "T_CA_FILE"));
            try {
                Driver.R2DBC.connect(address).block();
            } catch (StoreFailed e) {
                e.printStackTrace();
                System.exit(REFUSED);
            }
        }
    }

    @Test
    void thePoolsConnectionIsEncrypted() throws IOException, SQLException {
        // Given
        present("here");
        try (Postgres postgres = new Postgres(trusting(ours), 1)) {
            // When
            StepVerifier.create(postgres.withConnection(connection -> connection
                            .createStatement("select ssl from pg_stat_ssl where pid = pg_backend_pid()")
                            .execute()
                            .flatMap(result -> result.map(row -> row.get(0, Boolean.class)))
                            .next()))
                    // Then
                    .expectNext(true)
                    .verifyComplete();
        }
    }

    private static String traceOf(Throwable e) {
        StringWriter trace = new StringWriter();
        e.printStackTrace(new PrintWriter(trace));
        return trace.toString();
    }

    private static PostgresAddress trusting(Certificates certificates) throws IOException {
        Addresses.Postgres at = stack.addresses().postgres().orElseThrow();
        Settings settings =
                Settings.read("T_", Map.of("T_CA_FILE", certificates.authority().toString()));
        return new PostgresAddress(
                at.host(),
                at.port(),
                at.database(),
                at.user(),
                password(),
                Security.authorities(settings, "T_CA_FILE"));
    }

    private static String password() {
        try {
            return Files.readString(stack.addresses().postgres().orElseThrow().passwordFile())
                    .strip();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Makes the server show this certificate to whoever connects from now on. */
    private static void present(String name) throws IOException, SQLException {
        Path certificate = ours.folder().resolve(name + ".pem");
        try (Connection connection = superuser();
                Statement statement = connection.createStatement()) {
            statement.execute("alter system set ssl_cert_file = '" + certificate + "'");
            statement.execute(
                    "alter system set ssl_key_file = '" + ours.folder().resolve(name + ".key") + "'");
            statement.execute("alter system set ssl = on");
            statement.execute("select pg_reload_conf()");
        }
        await().atMost(Duration.ofSeconds(30)).until(PostgresOverTlsIT::presented, certificate.toString()::equals);
    }

    /** Of a new connection: what it reads here is what it was offered. */
    private static String presented() throws IOException, SQLException {
        try (Connection connection = superuser();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("show ssl_cert_file")) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static Connection superuser() throws IOException, SQLException {
        Addresses.Postgres at = stack.addresses().postgres().orElseThrow();
        String secret = Files.readString(at.passwordFile().resolveSibling("superuser-password"))
                .strip();
        return DriverManager.getConnection(
                "jdbc:postgresql://" + at.host() + ":" + at.port() + "/postgres?sslmode=disable", "postgres", secret);
    }
}
