package io.tributary.embedded;

import io.tributary.embedded.EmbeddedStack.Part;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Airflow as what it is made of, each a process of its own with its own log and restart. */
final class AirflowServers {
    static final Set<Part> PARTS = Set.of(Part.AIRFLOW, Part.SCHEDULER, Part.DAGS, Part.TRIGGERER, Part.STATSD);

    private final DataDir dataDir;
    private final Path project;
    private final Ports ports;
    private final Map<String, String> settings;
    private final AirflowDatabase database;
    private final AirflowHealth health;

    /**
     * @param ingest base of the control API, for Airflow's connection
     * @param settings {@code section.key} of airflow.cfg to value
     */
    AirflowServers(DataDir dataDir, Path project, Ports ports, URI ingest, Map<String, String> settings) {
        this.dataDir = dataDir;
        this.project = project;
        this.ports = ports;
        this.settings = settings;
        List<String> prepare = new ArrayList<>(
                List.of(python(project), project.resolve("airflow/prepare.py").toString(), ingest.toString()));
        if (settings.getOrDefault(AirflowConfig.PAUSED, "True").equalsIgnoreCase("false")) {
            prepare.add("--unpause");
        }
        this.database = new AirflowDatabase(dataDir, ports.of(Ports.Slot.POSTGRES), prepare, environment());
        this.health = new AirflowHealth(URI.create("http://" + ports.hostPort(Ports.Slot.AIRFLOW)));
    }

    private static String python(Path project) {
        return project.resolve("airflow/.venv/bin/python").toString();
    }

    /** Beside what every part has. */
    private Map<String, String> environment() {
        return Map.of(
                "AIRFLOW_HOME", dataDir.of(Part.AIRFLOW).toString(),
                "MALLOC_ARENA_MAX", "2", // glibc would keep memory by thread
                "NO_PROXY", "*",
                "PYTHONUNBUFFERED", "1");
    }

    Server server(Part part) {
        return switch (part) {
            case AIRFLOW -> airflow(part, List.of("api-server"), () -> health.answers());
            case SCHEDULER ->
                airflow(
                        part,
                        List.of("scheduler", "--skip-serve-logs"),
                        () -> health.beats("scheduler", dataDir.pidFile(part)));
            case DAGS ->
                airflow(part, List.of("dag-processor"), () -> health.beats("dag_processor", dataDir.pidFile(part)));
            case TRIGGERER ->
                airflow(
                        part,
                        List.of("triggerer", "--skip-serve-logs"),
                        () -> health.beats("triggerer", dataDir.pidFile(part)));
            case STATSD ->
                new AirflowServer(
                        part,
                        dataDir,
                        () -> {},
                        List.of(
                                python(project),
                                project.resolve("airflow/metrics.py").toString(),
                                String.valueOf(ports.of(Ports.Slot.STATSD_UDP)),
                                String.valueOf(ports.of(Ports.Slot.STATSD))),
                        environment(),
                        () -> Asking.get(URI.create("http://" + ports.hostPort(Ports.Slot.STATSD) + "/health")));
            default -> throw new IllegalArgumentException(part + " is no part of Airflow");
        };
    }

    private AirflowServer airflow(Part part, List<String> component, AirflowServer.Step awaken) {
        List<String> line = new ArrayList<>(List.of(python(project), "-m", "airflow"));
        line.addAll(component);
        return new AirflowServer(part, dataDir, () -> prepare(part), line, environment(), awaken);
    }

    /** The API server's part makes what all of them need; the others wait for it. */
    private void prepare(Part part) throws Exception {
        if (part == Part.AIRFLOW) {
            database.make(() -> {
                AirflowConfig.write(dataDir, project, ports, settings);
                AirflowLogs.keepTrimmed(AirflowConfig.logs(dataDir));
            });
        } else {
            database.awaitMade();
        }
    }
}
