package io.tributary.embedded;

import io.tributary.embedded.EmbeddedStack.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * One PostgreSQL with the role and database {@code tributary}, and those of others that keep their books in it. Passwords are made here once, kept in files of mode 600 and checked
 * by scram. {@code postgres} is a direct child, not a daemon of pg_ctl, and refuses to be root: as root it runs in a user
 * namespace of its own (unshare -U), which changes nothing on disk.
 *
 * @param others further roles, each with a database of its own name
 */
record PostgresServer(DataDir dataDir, ClassPaths classPaths, int port, List<String> others) implements Server {
    static final String NAME = "tributary";
    private static final String SUPERUSER = "postgres";
    private static final Duration INITIALIZED_WITHIN = Duration.ofSeconds(60);
    private static final int CONNECTIONS = 60;
    private static final int CONNECTIONS_OF_ANOTHER = 40;

    @Override
    public Part part() {
        return Part.POSTGRES;
    }

    /** The password of role {@code tributary}. */
    Path passwordFile() {
        return dataDir.of(part()).resolve("password");
    }

    /** The password of another role. */
    static Path passwordFile(DataDir dataDir, String other) {
        return dataDir.of(Part.POSTGRES).resolve(other + "-password");
    }

    private Path superuserPasswordFile() {
        return dataDir.of(part()).resolve("superuser-password");
    }

    private Path data() {
        return dataDir.of(part()).resolve("data");
    }

    @Override
    public void prepare() throws IOException, InterruptedException {
        Files.createDirectories(dataDir.of(part()));
        SecretFile.password(passwordFile());
        SecretFile.password(superuserPasswordFile());
        if (!Files.exists(data())) {
            initialize();
        }
    }

    /** Into a folder beside it, then renamed: an initdb that was cut short is seen by the missing rename and done again. */
    private void initialize() throws IOException, InterruptedException {
        Path half = dataDir.of(part()).resolve("data.new");
        DataDir.delete(half);
        List<String> line = asNonRoot();
        line.addAll(List.of(
                bin("initdb"),
                "--pgdata=" + half,
                "--username=" + SUPERUSER,
                "--pwfile=" + superuserPasswordFile(),
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-instructions"));
        dataDir.runToEnd(part(), Map.of(), line, INITIALIZED_WITHIN);
        Files.move(half, data(), StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public List<String> command() throws IOException {
        List<String> line = asNonRoot();
        line.addAll(List.of(bin("postgres"), "-D", data().toString(), "-p", String.valueOf(port)));
        for (String setting : List.of(
                "listen_addresses=127.0.0.1",
                "unix_socket_directories=",
                "shared_buffers=128MB",
                "max_connections=" + (CONNECTIONS + CONNECTIONS_OF_ANOTHER * others.size()),
                "max_wal_size=1GB",
                "log_error_verbosity=terse", // details quote rows, and rows are people
                "log_min_error_statement=panic", // so do statements
                "log_line_prefix=%m [%p] ")) {
            line.addAll(List.of("-c", setting));
        }
        return line;
    }

    private String bin(String program) throws IOException {
        return new PostgresBinaries(classPaths)
                .folder()
                .resolve("bin")
                .resolve(program)
                .toString();
    }

    private List<String> asNonRoot() throws IOException {
        boolean root = Files.getAttribute(dataDir.root(), "unix:uid").equals(0);
        return new ArrayList<>(root ? List.of("unshare", "-U") : List.of());
    }

    /**
     * A postmaster.pid left by a kill -9 may name an id that some other process has by now, and PostgreSQL would take that for a
     * server still running. It disregards its grandparent's id, so that is what we say it is. The file stays: its second line of
     * defence, the shared memory still attached by an old backend, is in there too.
     */
    @Override
    public Map<String, String> environment() {
        return staleId().map(id -> Map.of("PG_GRANDPARENT_PID", id)).orElse(Map.of());
    }

    private Optional<String> staleId() {
        try {
            String id =
                    Files.readAllLines(data().resolve("postmaster.pid")).get(0).strip();
            return ProcessHandle.of(Long.parseLong(id))
                    .filter(process -> !isOurs(process))
                    .map(process -> id);
        } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
            return Optional.empty(); // no file, or one that PostgreSQL has to judge
        }
    }

    private boolean isOurs(ProcessHandle process) {
        ProcessHandle.Info info = process.info();
        boolean postgres =
                info.command().filter(path -> path.endsWith("/postgres")).isPresent();
        return postgres
                && info.arguments()
                        .map(words -> Arrays.asList(words).contains(data().toString()))
                        .orElse(true);
    }

    /** TERM would wait for ingest to close its connections. */
    @Override
    public Leash.Stop stop() {
        return Leash.Stop.INT;
    }

    /** Asks which folder the server serves: a port may be another server's. */
    @Override
    public void awaken() throws IOException, SQLException {
        Asking.listening(port);
        String password = Files.readString(superuserPasswordFile()).strip();
        try (Connection connection = connect(SUPERUSER, SUPERUSER, password);
                Statement statement = connection.createStatement()) {
            String served = text(statement, "SHOW data_directory").orElse("");
            if (!Files.isSameFile(Path.of(served), data())) {
                throw new IOException("the server on this port serves " + served + ", not " + data());
            }
            createRoleAndDatabase(statement, NAME, SecretFile.password(passwordFile()));
            for (String other : others) {
                createRoleAndDatabase(statement, other, SecretFile.password(passwordFile(dataDir, other)));
            }
        }
    }

    private static void createRoleAndDatabase(Statement statement, String name, String password) throws SQLException {
        if (text(statement, "SELECT 1 FROM pg_roles WHERE rolname = '" + name + "'")
                .isEmpty()) {
            statement.execute("CREATE ROLE " + name + " LOGIN PASSWORD '" + password + "'"); // hex digits
        }
        if (text(statement, "SELECT 1 FROM pg_database WHERE datname = '" + name + "'")
                .isEmpty()) {
            statement.execute("CREATE DATABASE " + name + " OWNER " + name);
        }
    }

    private Connection connect(String database, String user, String password) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("connectTimeout", "2");
        properties.setProperty("loginTimeout", "5");
        properties.setProperty("socketTimeout", "30");
        properties.setProperty("ApplicationName", "tributary-launcher");
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/" + database, properties);
    }

    private static Optional<String> text(Statement statement, String query) throws SQLException {
        try (ResultSet rows = statement.executeQuery(query)) {
            return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
        }
    }
}
