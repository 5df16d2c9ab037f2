package io.tributary.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.embedded.EmbeddedStack.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * What Airflow reads: {@code airflow.cfg} and {@code passwords.json} in its folder of the stack, both of mode 600. Everything is on
 * 127.0.0.1, no example is loaded, nobody outside is asked.
 */
public final class AirflowConfig {
    /** Who may do everything in Airflow. */
    public static final String USER = "admin";

    static final String DATABASE = "airflow";
    static final String PAUSED = "core.dags_are_paused_at_creation";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Tasks that run at once, each a process of about 150 MiB; one that is deferred is none. */
    private static final int TASKS_AT_ONCE = 4;

    private AirflowConfig() {}

    /** Where the password of {@link #USER} stands. */
    public static Path passwords(Path dataDir) {
        return dataDir.resolve(Part.AIRFLOW.label()).resolve("passwords.json");
    }

    /** What tasks and their triggers write. */
    static Path logs(DataDir dir) {
        return dir.of(Part.AIRFLOW).resolve("logs");
    }

    /** The password of {@link #USER}, made where there is none. */
    public static String password(Path dataDir) throws IOException {
        Path file = passwords(dataDir);
        if (!Files.exists(file)) {
            Files.createDirectories(file.getParent());
            SecretFile.write(
                    file, JSON.createObjectNode().put(USER, SecretFile.random().substring(0, 20)) + "\n");
        }
        JsonNode json = JSON.readTree(Files.readAllBytes(file)).path(USER);
        if (!json.isTextual()) {
            throw new IOException(file + " has no password for " + USER + "; delete it to have a new one made");
        }
        return json.textValue();
    }

    /**
     * Writes what changes from start to start; what must stay (password, keys) is kept.
     *
     * @param added {@code section.key} to value; wins over what is said here
     */
    static void write(DataDir dir, Path home, Ports ports, Map<String, String> added) throws IOException {
        Path folder = dir.of(Part.AIRFLOW);
        Files.createDirectories(folder);
        password(dir.root());
        Map<String, String> settings = new TreeMap<>(core(dir, home));
        settings.putAll(servers(dir, ports));
        settings.putAll(added);
        StringBuilder text = new StringBuilder("# written at each start of the stack\n");
        String section = "";
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            int dot = setting.getKey().indexOf('.');
            if (!setting.getKey().substring(0, dot).equals(section)) {
                section = setting.getKey().substring(0, dot);
                text.append("\n[").append(section).append("]\n");
            }
            text.append(setting.getKey().substring(dot + 1))
                    .append(" = ")
                    .append(setting.getValue().replace("%", "%%")) // Airflow reads it with Python's interpolation
                    .append('\n');
        }
        SecretFile.write(folder.resolve("airflow.cfg"), text.toString());
    }

    private static Map<String, String> core(DataDir dir, Path home) throws IOException {
        Path folder = dir.of(Part.AIRFLOW);
        return Map.ofEntries(
                Map.entry("core.executor", "LocalExecutor"),
                Map.entry("core.parallelism", String.valueOf(TASKS_AT_ONCE)),
                Map.entry("core.load_examples", "False"),
                Map.entry("core.dags_folder", home.resolve("airflow/dags").toString()),
                Map.entry("core.test_connection", "Enabled"),
                Map.entry("core.simple_auth_manager_users", USER + ":admin"),
                Map.entry(
                        "core.simple_auth_manager_passwords_file",
                        passwords(dir.root()).toString()),
                Map.entry("core.fernet_key", SecretFile.key(folder.resolve("fernet-key"))),
                Map.entry("api.secret_key", SecretFile.password(folder.resolve("session-key"))),
                Map.entry("api_auth.jwt_secret", SecretFile.password(folder.resolve("jwt-key"))),
                Map.entry("dag_processor.parsing_processes", "1"),
                Map.entry("dag_processor.min_file_process_interval", "60"),
                Map.entry("dag_processor.refresh_interval", "60"),
                // what a killed scheduler or worker has left is found after half a minute to a minute, not after five
                Map.entry("scheduler.orphaned_tasks_check_interval", "30"),
                Map.entry("scheduler.task_instance_heartbeat_timeout", "60"),
                Map.entry("logging.base_log_folder", logs(dir).toString()),
                Map.entry("logging.colored_console_log", "False"),
                Map.entry("triggerer.capacity", "100"));
    }

    private static Map<String, String> servers(DataDir dir, Ports ports) throws IOException {
        String password = SecretFile.password(PostgresServer.passwordFile(dir, DATABASE));
        String api = "http://" + ports.hostPort(Ports.Slot.AIRFLOW);
        return Map.ofEntries(
                Map.entry(
                        "database.sql_alchemy_conn",
                        "postgresql+psycopg2://" + DATABASE + ":" + password + "@" + ports.hostPort(Ports.Slot.POSTGRES)
                                + "/" + DATABASE),
                // four processes, one of them with two pools: at most 30 of PostgreSQL's connections
                Map.entry("database.sql_alchemy_pool_size", "3"),
                Map.entry("database.sql_alchemy_max_overflow", "3"),
                Map.entry("database.load_default_connections", "False"),
                Map.entry("api.host", "127.0.0.1"),
                Map.entry("api.port", String.valueOf(ports.of(Ports.Slot.AIRFLOW))),
                Map.entry("api.workers", "1"),
                Map.entry("api.base_url", api),
                Map.entry("core.execution_api_server_url", api + "/execution/"),
                Map.entry("metrics.statsd_on", "True"),
                Map.entry("metrics.statsd_host", "127.0.0.1"),
                Map.entry("metrics.statsd_port", String.valueOf(ports.of(Ports.Slot.STATSD_UDP))),
                Map.entry("metrics.legacy_names_on", "False"), // they have DAGs and tasks in them
                Map.entry("metrics.statsd_influxdb_enabled", "True")); // the form that has tags
    }
}
