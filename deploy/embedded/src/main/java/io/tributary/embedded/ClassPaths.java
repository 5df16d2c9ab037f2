package io.tributary.embedded;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where the build left what the parts run on: {@code target/runtime.classpath} of each module, written at Maven's {@code package}
 * phase. Every method throws {@link StackFailed} where the project is not built.
 */
record ClassPaths(Path home) {
    /** The jars of a server, by the folder of its module. */
    String ofServer(String name) throws IOException {
        return read(server(name));
    }

    /** The same, one by one. */
    List<Path> jarsOfServer(String name) throws IOException {
        return entries(ofServer(name));
    }

    private static List<Path> entries(String path) {
        return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
                .splitAsStream(path)
                .map(Path::of)
                .toList();
    }

    /** The folder of a server's module. */
    Path server(String name) {
        return home.resolve("deploy/embedded/servers").resolve(name);
    }

    /** Our own module: its classes, then what they need. */
    String ofModule(String folder) throws IOException {
        Path module = home.resolve(folder);
        Path classes = module.resolve("target/classes");
        if (!Files.isDirectory(classes)) {
            throw notBuilt(classes);
        }
        return classes + File.pathSeparator + read(module);
    }

    private static String read(Path module) throws IOException {
        Path file = module.resolve("target/runtime.classpath");
        if (!Files.exists(file)) {
            throw notBuilt(file);
        }
        String path = Files.readString(file).strip();
        for (Path entry : entries(path)) {
            if (!Files.exists(entry)) {
                throw notBuilt(entry);
            }
        }
        return path;
    }

    static StackFailed notBuilt(Path missing) {
        return StackFailed.before(missing + " is missing: build the project first (./mvnw package -DskipTests)", null);
    }
}
