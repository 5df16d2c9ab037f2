package io.tributary.embedded;

import io.tributary.embedded.EmbeddedStack.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One ZooKeeper node. Nothing in the default stack needs it: Kafka runs KRaft; it is for the recovery of Spark's masters. */
record ZooKeeperServer(DataDir dataDir, ClassPaths classPaths, int port, List<String> jvm) implements Server {
    @Override
    public Part part() {
        return Part.ZOOKEEPER;
    }

    @Override
    public void prepare() throws IOException {
        Path folder = dataDir.of(part());
        Files.createDirectories(folder);
        Files.write(
                folder.resolve("zoo.cfg"),
                List.of(
                        "tickTime=1000",
                        "dataDir=" + folder.resolve("data"),
                        "clientPortAddress=127.0.0.1",
                        "clientPort=" + port,
                        "admin.enableServer=false",
                        "4lw.commands.whitelist=ruok"));
        Files.writeString(folder.resolve("logback.xml"), QuietLog.LOGBACK);
    }

    @Override
    public List<String> command() throws IOException {
        Path folder = dataDir.of(part());
        List<String> line = new ArrayList<>(JavaOptions.command(part(), dataDir, jvm));
        line.addAll(List.of(
                "-Dlogback.configurationFile=" + folder.resolve("logback.xml"),
                "-Dzookeeper.jmx.log4j.disable=true",
                "-cp",
                classPaths.ofServer("zookeeper"),
                "org.apache.zookeeper.server.quorum.QuorumPeerMain",
                folder.resolve("zoo.cfg").toString()));
        return line;
    }

    @Override
    public void awaken() throws IOException {
        String answer = Asking.fourLetters(port, "ruok");
        if (!answer.equals("imok")) {
            throw new IOException("ZooKeeper answered \"" + answer + "\" to ruok");
        }
    }
}
