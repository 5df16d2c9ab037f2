package io.tributary.acceptance;

import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a test the stack that it shares with all classes of the same annotation: starting one takes two cores for half a minute.
 * It starts with the first of them and ends after the last test. Whoever uses it leaves every part running and no run unfinished,
 * and looks at his own runs alone.
 */
final class SharedStack implements ParameterResolver {
    static final int PAGES_IN_FLIGHT = 4;

    /** All parts, ingest with a heap of 256 MiB. */
    @Target(ElementType.TYPE)
    @Retention(RetentionPolicy.RUNTIME)
    @ExtendWith(SharedStack.class)
    @interface Whole {}

    /** Ingest and what it can not do without: neither Cassandra nor the stream. */
    @Target(ElementType.TYPE)
    @Retention(RetentionPolicy.RUNTIME)
    @ExtendWith(SharedStack.class)
    @interface OfIngest {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == WholeStack.class;
    }

    @Override
    public WholeStack resolveParameter(ParameterContext parameter, ExtensionContext context) {
        boolean isWhole = context.getRequiredTestClass().isAnnotationPresent(Whole.class);
        return context.getRoot()
                .getStore(Namespace.create(SharedStack.class))
                .getOrComputeIfAbsent(isWhole, Started::new, Started.class)
                .stack;
    }

    /** Closed by JUnit, after the last test of all. */
    private static final class Started implements AutoCloseable {
        private final Path dir;
        private final WholeStack stack;

        Started(boolean isWhole) {
            try {
                dir = Files.createTempDirectory("stack");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            StackOptions options = WholeStack.options(dir);
            stack = new WholeStack(
                    isWhole
                            ? options.withJvm(Part.INGEST, "-Xmx256m")
                                    .withEnv(Part.INGEST, "INGEST_PAGES_IN_FLIGHT", Integer.toString(PAGES_IN_FLIGHT))
                            : options.withParts(WholeStack.INGEST_AND_ITS_SERVERS));
        }

        @Override
        public void close() throws IOException {
            stack.close();
            LeftOver.assertNone(dir);
            List<Path> files;
            try (Stream<Path> all = Files.walk(dir)) {
                files = all.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }
}
