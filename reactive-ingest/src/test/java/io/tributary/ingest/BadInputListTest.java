package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Each bad input of the list has a test that bears its number: {@code @Tag("bad-input-17")} and a name that begins with it.
 * Read from the sources of the modules that such input can reach.
 */
class BadInputListTest {
    private static final Path ROOT = Path.of("..");
    private static final List<String> MODULES =
            List.of("reactive-ingest", "spark-stream", "deploy/schemas", "deploy/acceptance");

    private static final Set<Integer> NUMBERS =
            IntStream.rangeClosed(1, 37).boxed().collect(Collectors.toCollection(TreeSet::new));

    private static final Pattern TAG = Pattern.compile("@Tag\\(\"bad-input-(\\d+)\"\\)");
    private static final Pattern NAME = Pattern.compile("@DisplayName\\(\\s*\"([\\d, ]+) · ");

    @Test
    void everyBadInputHasATestOfItsNumber() throws IOException {
        Set<Integer> found = new TreeSet<>();
        for (Path source : sources()) {
            found.addAll(numbers(TAG, source));
        }
        assertThat(found).containsAll(NUMBERS);
    }

    @Test
    void everyTestOfABadInputSaysItsNumberFirst() throws IOException {
        for (Path source : sources()) {
            assertThat(numbers(NAME, source)).as("%s", source).isEqualTo(numbers(TAG, source));
        }
    }

    private static Set<Integer> numbers(Pattern pattern, Path source) throws IOException {
        Set<Integer> numbers = new TreeSet<>();
        Matcher found = pattern.matcher(Files.readString(source));
        while (found.find()) {
            Arrays.stream(found.group(1).split(", ")).map(Integer::valueOf).forEach(numbers::add);
        }
        return numbers;
    }

    private static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .filter(file -> !file.endsWith("BadInputListTest.java"))
                        .forEach(sources::add);
            }
        }
        return sources;
    }
}
