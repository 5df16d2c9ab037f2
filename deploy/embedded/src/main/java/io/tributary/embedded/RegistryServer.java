package io.tributary.embedded;

import io.tributary.embedded.EmbeddedStack.Part;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A schema registry with Confluent's API (Apicurio). It keeps its content in an H2 file that is written through at each commit:
 * an id that is in records must never be given away again, not even over a kill -9. Compatibility is BACKWARD for all subjects;
 * its own default is NONE.
 */
record RegistryServer(DataDir dataDir, ClassPaths classPaths, int port, List<String> jvm) implements Server {
    private static final String BACKWARD = "BACKWARD";

    @Override
    public Part part() {
        return Part.REGISTRY;
    }

    /** Base of Confluent's API. */
    URI url() {
        return URI.create("http://127.0.0.1:" + port + "/apis/ccompat/v7");
    }

    @Override
    public void prepare() throws IOException {
        Files.createDirectories(dataDir.of(part()));
    }

    @Override
    public List<String> command() throws IOException {
        List<String> line = new ArrayList<>(JavaOptions.command(part(), dataDir, jvm));
        line.addAll(List.of(
                "-Dquarkus.http.host=127.0.0.1",
                "-Dquarkus.http.port=" + port,
                "-Dquarkus.log.level=WARN",
                "-Dquarkus.log.category.\"io.apicurio\".level=WARN",
                "-Dquarkus.http.access-log.enabled=false",
                "-Dapicurio.datasource.url=jdbc:h2:file:" + dataDir.of(part()).resolve("registry") + ";WRITE_DELAY=0",
                "-jar",
                runner().toString()));
        return line;
    }

    private Path runner() throws IOException {
        Path unpacked = classPaths.server("registry").resolve("target/registry");
        if (!Files.isDirectory(unpacked)) {
            throw ClassPaths.notBuilt(unpacked);
        }
        try (Stream<Path> files = Files.list(unpacked)) {
            return files.filter(file -> file.toString().endsWith("-runner.jar"))
                    .findFirst()
                    .orElseThrow(() -> ClassPaths.notBuilt(unpacked.resolve("*-runner.jar")));
        }
    }

    @Override
    public void awaken() throws IOException, InterruptedException {
        Asking.listening(port);
        String answer = Asking.putJson(URI.create(url() + "/config"), "{\"compatibility\":\"" + BACKWARD + "\"}");
        if (!answer.contains(BACKWARD)) {
            throw new IOException("the registry did not take compatibility " + BACKWARD + ": " + answer);
        }
    }
}
