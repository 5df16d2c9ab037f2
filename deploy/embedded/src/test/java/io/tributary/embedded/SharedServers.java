package io.tributary.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.embedded.EmbeddedStack.Part;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * All five servers of one stack, shared by the classes that ask for them. Whoever uses it leaves every server running.
 *
 * @param heard all that the stack has told
 */
record SharedServers(Path folder, EmbeddedStack stack, Heard heard) implements AutoCloseable {
    static final Set<Part> PARTS = EnumSet.of(Part.POSTGRES, Part.KAFKA, Part.REGISTRY, Part.CASSANDRA, Part.ZOOKEEPER);

    private static SharedServers start() {
        try {
            Path folder = Files.createTempDirectory("servers");
            Heard heard = new Heard();
            return new SharedServers(
                    folder,
                    EmbeddedStack.start(
                            StackOptions.of(Home.find()).withDataDir(folder).withParts(PARTS), heard),
                    heard);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Called by JUnit after the last test of all; nothing may be left. */
    @Override
    public void close() throws IOException {
        stack.close();
        Processes.assertNone(folder);
        assertThat(StackFile.read(folder)).isEmpty();
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
    }

    /** Hands them to constructors; they start with the first. */
    static final class Extension implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == SharedServers.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot()
                    .getStore(Namespace.create(SharedServers.class))
                    .getOrComputeIfAbsent(SharedServers.class, unused -> start(), SharedServers.class);
        }
    }
}
