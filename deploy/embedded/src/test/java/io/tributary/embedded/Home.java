package io.tributary.embedded;

import java.nio.file.Files;
import java.nio.file.Path;

/** The project that the tests belong to, whose {@code target} folders they start servers from. */
final class Home {
    private Home() {}

    static Path find() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.isDirectory(folder.resolve("deploy/embedded/servers"))) {
            folder = folder.getParent();
        }
        if (folder == null) {
            throw new IllegalStateException(
                    "not inside of the project: " + Path.of("").toAbsolutePath());
        }
        return folder;
    }
}
