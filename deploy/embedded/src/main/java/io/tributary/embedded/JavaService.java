package io.tributary.embedded;

import io.tributary.embedded.EmbeddedStack.Part;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One of our own programs. They wait for what they depend on by themselves, so they are started together with the servers.
 *
 * @param module its folder in the project
 * @param main its class, and arguments if it takes any
 * @param health answers 200 once the program is ready
 */
record JavaService(
        Part part,
        DataDir dataDir,
        ClassPaths classPaths,
        String module,
        List<String> main,
        URI health,
        Map<String, String> environment,
        List<String> jvm)
        implements Server {

    @Override
    public void prepare() throws IOException {
        Files.createDirectories(dataDir.of(part));
    }

    @Override
    public List<String> command() throws IOException {
        List<String> line = new ArrayList<>(JavaOptions.command(part, dataDir, jvm));
        line.addAll(List.of("-cp", classPaths.ofModule(module)));
        line.addAll(main);
        return line;
    }

    @Override
    public void awaken() throws IOException, InterruptedException {
        Asking.listening(health.getPort());
        Asking.get(health);
    }
}
