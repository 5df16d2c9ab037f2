package io.tributary.etl;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What a command finds around it.
 *
 * @param home the built project
 * @param here where the user stands: what relative paths begin at
 * @param out standard output
 * @param console opens standard error
 * @param nanos as {@link System#nanoTime}
 * @param startedNs its reading when the program began
 */
record Surroundings(
        Path home,
        Path here,
        PrintStream out,
        Supplier<Console> console,
        Clock clock,
        LongSupplier nanos,
        long startedNs) {

    /** What the user asked for: lines to read. */
    void print(List<String> lines) {
        lines.forEach(out::println);
        out.flush();
    }

    /** What a program asked for: one object in one line, in UTF-8 whatever the locale. */
    void print(JsonNode json) {
        byte[] line = (Json.text(json) + "\n").getBytes(StandardCharsets.UTF_8);
        out.write(line, 0, line.length);
        out.flush();
    }
}
