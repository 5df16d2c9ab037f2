package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Each bad input of the list has a test that bears its number: {@code @Tag("bad-input-17")} and a name that begins with it. */
class BadInputListTest {
    private static final String PREFIX = "bad-input-";

    @Test
    void everyBadInputOfTheSourceHasATestOfItsNumber() {
        assertThat(testsByNumber().keySet())
                .containsAll(IntStream.rangeClosed(13, 26).boxed().toList());
    }

    @Test
    void everyTestOfABadInputSaysItsNumberFirst() {
        testsByNumber()
                .forEach((number, methods) -> assertThat(methods)
                        .allSatisfy(method -> assertThat(method.getAnnotation(DisplayName.class))
                                .as("@DisplayName of %s", method)
                                .satisfies(name -> assertThat(
                                                name.value().split(" · ", 2)[0].split(", "))
                                        .contains(number.toString()))));
    }

    private static Map<Integer, Set<Method>> testsByNumber() {
        Map<Integer, Set<Method>> tests = new TreeMap<>();
        new ClassFileImporter()
                .importPackages("io.tributary.ingest").stream()
                        .flatMap(type -> type.getMethods().stream())
                        .filter(method -> method.isAnnotatedWith(Tag.class)
                                || method.isAnnotatedWith("org.junit.jupiter.api.Tags"))
                        .map(JavaMethod::reflect)
                        .forEach(method -> Arrays.stream(method.getAnnotationsByType(Tag.class))
                                .map(Tag::value)
                                .filter(tag -> tag.startsWith(PREFIX))
                                .map(tag -> Integer.valueOf(tag.substring(PREFIX.length())))
                                .forEach(number -> tests.computeIfAbsent(
                                                number, n -> new TreeSet<>(Comparator.comparing(Method::toString)))
                                        .add(method)));
        return tests;
    }
}
