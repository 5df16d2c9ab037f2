package io.tributary.embedded;

import io.tributary.embedded.EmbeddedStack.Part;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A standalone Spark cluster from the stream's own class path: two masters, of which ZooKeeper lets one lead, and workers with
 * one core each. Nothing is installed: executors find Spark in a folder of links to the jars.
 */
record SparkCluster(DataDir dataDir, ClassPaths classPaths, Ports ports) {
    static final Set<Part> MASTERS = Set.of(Part.MASTER, Part.STANDBY);
    static final List<Part> WORKERS = List.of(Part.WORKER_1, Part.WORKER_2, Part.WORKER_3, Part.WORKER_4);

    private static final String EXECUTOR_MEMORY = "512m";
    private static final String JAVA_OF_EXECUTORS =
            "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:+ExitOnOutOfMemoryError";

    /** Both masters, in the form that workers and applications want. */
    String url() {
        return "spark://" + ports.hostPort(Ports.Slot.MASTER) + "," + ports.hostPort(Ports.Slot.STANDBY);
    }

    Server master(Part part, List<String> jvm) {
        return new Master(this, part, jvm);
    }

    Server worker(Part part, List<String> jvm) {
        return new Worker(this, part, jvm);
    }

    /** How an application is begun on {@code workers} workers. */
    List<String> submit(String main, int workers) throws IOException {
        return List.of(
                "org.apache.spark.deploy.SparkSubmit",
                "--master",
                url(),
                "--deploy-mode",
                "client",
                "--class",
                main,
                "--conf",
                "spark.driver.host=127.0.0.1",
                "--conf",
                "spark.driver.bindAddress=127.0.0.1",
                "--conf",
                "spark.cores.max=" + workers,
                "--conf",
                "spark.executor.cores=1",
                "--conf",
                "spark.executor.memory=" + EXECUTOR_MEMORY,
                "--conf",
                "spark.executor.extraJavaOptions=" + JAVA_OF_EXECUTORS,
                "--conf",
                "spark.executor.extraClassPath=" + String.join(File.pathSeparator, folders()),
                "spark-internal"); // no jar of ours: everything is on the class path
    }

    Map<String, String> environment() {
        return Map.of(
                "SPARK_HOME",
                home().toString(),
                "SPARK_SCALA_VERSION",
                "2.13", // or workers look for a build tree
                "SPARK_LOCAL_IP",
                "127.0.0.1",
                "JAVA_HOME",
                System.getProperty("java.home"));
    }

    private Path home() {
        return home(dataDir);
    }

    private static Path home(DataDir dataDir) {
        return dataDir.root().resolve("spark-home");
    }

    /** Takes the links away, which lead out of the folder: who deletes it is warned of such. Nothing may run any more. */
    static void unlink(DataDir dataDir) throws IOException {
        DataDir.delete(home(dataDir));
    }

    private List<String> folders() throws IOException {
        return entries().stream()
                .filter(entry -> Files.isDirectory(Path.of(entry)))
                .toList();
    }

    private List<String> entries() throws IOException {
        return Arrays.asList(classPaths.ofModule("spark-stream").split(File.pathSeparator, -1));
    }

    /**
     * Links to the jars, where the executors of any worker look for them; by each worker and for each start, as the build may
     * have moved them.
     */
    private void link(Part worker) throws IOException {
        Path jars = Files.createDirectories(home().resolve("jars"));
        for (String entry : entries()) {
            Path jar = Path.of(entry);
            if (!Files.isDirectory(jar)) {
                Path fresh = home().resolve("link." + worker.label());
                Files.deleteIfExists(fresh);
                Files.createSymbolicLink(fresh, jar);
                Files.move(
                        fresh,
                        jars.resolve(jar.getFileName()),
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private List<String> java(Part part, List<String> jvm) throws IOException {
        List<String> line = new ArrayList<>(JavaOptions.command(part, dataDir, jvm));
        line.addAll(List.of("-Dspark.ui.showConsoleProgress=false", "-cp", classPaths.ofModule("spark-stream")));
        return line;
    }

    private static String json(int port) throws IOException, InterruptedException {
        Asking.listening(port);
        return Asking.get(URI.create("http://127.0.0.1:" + port + "/json/"));
    }

    /** A master; ready once it leads or stands by. */
    private record Master(SparkCluster cluster, Part part, List<String> jvm) implements Server {
        private boolean isFirst() {
            return part == Part.MASTER;
        }

        private int uiPort() {
            return cluster.ports.of(isFirst() ? Ports.Slot.MASTER_UI : Ports.Slot.STANDBY_UI);
        }

        @Override
        public void prepare() throws IOException {
            Files.createDirectories(cluster.dataDir.of(part));
        }

        @Override
        public List<String> command() throws IOException {
            List<String> own = new ArrayList<>(List.of(
                    "-Dspark.deploy.recoveryMode=ZOOKEEPER",
                    "-Dspark.deploy.zookeeper.url=" + cluster.ports.hostPort(Ports.Slot.ZOOKEEPER),
                    "-Dspark.deploy.zookeeper.dir=/tributary-spark"));
            own.addAll(jvm);
            List<String> line = cluster.java(part, own);
            line.addAll(List.of(
                    "org.apache.spark.deploy.master.Master",
                    "--host",
                    "127.0.0.1",
                    "--port",
                    String.valueOf(cluster.ports.of(isFirst() ? Ports.Slot.MASTER : Ports.Slot.STANDBY)),
                    "--webui-port",
                    String.valueOf(uiPort())));
            return line;
        }

        @Override
        public Map<String, String> environment() {
            return cluster.environment();
        }

        @Override
        public void awaken() throws IOException, InterruptedException {
            String status = json(uiPort());
            if (!status.contains("\"ALIVE\"") && !status.contains("\"STANDBY\"")) {
                throw new IOException("the master is neither leading nor standing by: " + status);
            }
        }
    }

    /** A worker with one core; ready once a master knows it. */
    private record Worker(SparkCluster cluster, Part part, List<String> jvm) implements Server {
        private int uiPort() {
            return cluster.ports.of(Ports.Slot.valueOf(part.name()));
        }

        @Override
        public void prepare() throws IOException {
            Files.createDirectories(cluster.dataDir.of(part));
            cluster.link(part);
        }

        @Override
        public List<String> command() throws IOException {
            List<String> line = cluster.java(part, jvm);
            line.addAll(List.of(
                    "org.apache.spark.deploy.worker.Worker",
                    "--host",
                    "127.0.0.1",
                    "--webui-port",
                    String.valueOf(uiPort()),
                    "--cores",
                    "1",
                    "--memory",
                    EXECUTOR_MEMORY,
                    "--work-dir",
                    cluster.dataDir.of(part).toString(),
                    cluster.url()));
            return line;
        }

        @Override
        public Map<String, String> environment() {
            return cluster.environment();
        }

        @Override
        public void awaken() throws IOException, InterruptedException {
            if (!json(uiPort()).contains("\"masterwebuiurl\" : \"http")) {
                throw new IOException("no master knows the worker yet");
            }
        }
    }
}
