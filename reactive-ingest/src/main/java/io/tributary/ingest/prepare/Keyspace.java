package io.tributary.ingest.prepare;

import com.datastax.oss.driver.api.core.AllNodesFailedException;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.CqlSessionBuilder;
import com.datastax.oss.driver.api.core.auth.AuthenticationException;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.api.core.ssl.ProgrammaticSslEngineFactory;
import io.tributary.schemas.CqlScripts;
import io.tributary.schemas.Login;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Our tables in Cassandra and who may use them. Every statement may be run again. */
final class Keyspace {
    /** Who can come into a new node; taken away once our own superuser is there. */
    private static final Login OF_A_NEW_NODE = new Login("cassandra", "cassandra");

    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration DDL_PATIENCE = Duration.ofSeconds(60);

    private final PrepareConfig config;

    Keyspace(PrepareConfig config) {
        this.config = config;
    }

    void apply() throws IOException {
        try (CqlSession session = admin()) {
            List<String> statements = new ArrayList<>(CqlScripts.statements());
            statements.addAll(roles());
            statements.forEach(session::execute);
        }
    }

    /** A session of our superuser, who is made where the node is new. */
    private CqlSession admin() {
        Optional<Login> ours = config.cassandraAdmin().login();
        try {
            return connect(ours);
        } catch (AllNodesFailedException e) {
            if (ours.isEmpty() || !isLoginRefused(e)) {
                throw e;
            }
        }
        try (CqlSession first = connect(Optional.of(OF_A_NEW_NODE))) {
            first.execute(superuser(ours.get()));
        }
        CqlSession session = connect(ours);
        session.execute("ALTER ROLE cassandra WITH SUPERUSER = false AND LOGIN = false");
        return session;
    }

    List<String> roles() {
        List<String> statements = new ArrayList<>();
        config.ingest().ifPresent(login -> statements.addAll(roleWith(login, "SELECT")));
        config.stream().ifPresent(login -> statements.addAll(roleWith(login, "SELECT", "MODIFY")));
        return statements;
    }

    private static List<String> roleWith(Login login, String... rights) {
        List<String> statements = new ArrayList<>();
        // without a password, which could then not be set again for five seconds
        statements.add("CREATE ROLE IF NOT EXISTS " + name(login) + " WITH LOGIN = true AND SUPERUSER = false");
        // a password that was changed in its file is changed here too
        statements.add("ALTER ROLE " + name(login) + " WITH PASSWORD = " + password(login));
        for (String right : rights) {
            statements.add("GRANT " + right + " ON KEYSPACE tributary TO " + name(login));
        }
        return statements;
    }

    private static String superuser(Login login) {
        return "CREATE ROLE IF NOT EXISTS " + name(login) + " WITH PASSWORD = " + password(login)
                + " AND LOGIN = true AND SUPERUSER = true";
    }

    private static String name(Login login) {
        return '"' + login.user().replace("\"", "\"\"") + '"';
    }

    private static String password(Login login) {
        return '\'' + login.password().replace("'", "''") + '\'';
    }

    private static boolean isLoginRefused(AllNodesFailedException e) {
        return e.getAllErrors().values().stream()
                .flatMap(List::stream)
                .anyMatch(AuthenticationException.class::isInstance);
    }

    private CqlSession connect(Optional<Login> login) {
        DriverConfigLoader settings = DriverConfigLoader.programmaticBuilder()
                .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, PATIENCE)
                .withDuration(DefaultDriverOption.CONTROL_CONNECTION_TIMEOUT, PATIENCE)
                .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, DDL_PATIENCE)
                // else it reads the schema after each statement, and gathers for a second before it does
                .withBoolean(DefaultDriverOption.METADATA_SCHEMA_ENABLED, false)
                .withInt(DefaultDriverOption.NETTY_IO_SIZE, 1)
                .withInt(DefaultDriverOption.NETTY_ADMIN_SIZE, 1)
                .build();
        CqlSessionBuilder builder =
                CqlSession.builder().withLocalDatacenter(config.datacenter()).withConfigLoader(settings);
        for (String contact : config.cassandra().split(",", -1)) {
            int colon = contact.lastIndexOf(':');
            builder.addContactPoint(InetSocketAddress.createUnresolved(
                    contact.substring(0, colon).strip(),
                    Integer.parseInt(contact.substring(colon + 1).strip())));
        }
        login.ifPresent(given -> builder.withAuthCredentials(given.user(), given.password()));
        config.cassandraAdmin()
                .authorities()
                .ifPresent(authorities -> builder.withSslEngineFactory(
                        new ProgrammaticSslEngineFactory(authorities.tls(), null, true, false)));
        return builder.build();
    }
}
