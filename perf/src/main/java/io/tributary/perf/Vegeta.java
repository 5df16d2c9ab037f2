package io.tributary.perf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Requests by Vegeta, which sends them when they are due, whether or not the answers keep up: one that is late makes none after it late.
 * {@code perf/load} says which version; it takes Go, and Go's module proxy the first time.
 */
final class Vegeta {
    private static final String PACKAGE = "github.com/tsenart/vegeta/v12";
    private static final long LONGEST_MINUTES = 10;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path program;
    private final Path log;
    private final Path folder;

    private Vegeta(Path program, Path folder) {
        this.program = program;
        this.log = program.resolveSibling("vegeta.log");
        this.folder = folder;
    }

    /** Builds it where it is not built yet. */
    static Vegeta built(Bench bench) throws IOException, InterruptedException {
        Path built = Files.createDirectories(bench.home().resolve("perf/target/load"));
        Vegeta vegeta = new Vegeta(built.resolve("vegeta"), bench.folder());
        ProcessBuilder build =
                vegeta.process(List.of("go", "build", "-trimpath", "-o", vegeta.program.toString(), PACKAGE));
        build.directory(bench.home().resolve("perf/load").toFile());
        vegeta.toEnd(build.redirectOutput(build.redirectError()).start());
        return vegeta;
    }

    /** Starts to ask at a rate; an answer's bytes are read and forgotten. */
    Attack ask(String name, URI target, int aSecond, int seconds) throws IOException {
        return attack(name, target, "-rate=" + aSecond + "/1s", "-duration=" + seconds + "s", "-max-body=0");
    }

    /** Starts to connect so many within a second; each stays until its answer ends, and comes again until {@link Attack#noMore()}. */
    Attack hold(String name, URI target, int clients) throws IOException {
        return attack(name, target, "-rate=" + clients + "/1s", "-max-workers=" + clients, "-timeout=0");
    }

    private Attack attack(String name, URI target, String... how) throws IOException {
        Path targets = Files.writeString(folder.resolve(name + ".target"), "GET " + target + "\n");
        Path results = folder.resolve(name + ".results");
        List<String> line = new ArrayList<>(List.of(program.toString(), "attack"));
        line.addAll(List.of("-targets=" + targets, "-output=" + results));
        line.addAll(List.of(how));
        ProcessBuilder builder = process(line);
        return new Attack(builder.redirectOutput(builder.redirectError()).start(), results);
    }

    private ProcessBuilder process(List<String> line) {
        return new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    }

    private void toEnd(Process process) throws IOException, InterruptedException {
        try {
            if (!process.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES)) {
                throw new IOException("vegeta did not end within " + LONGEST_MINUTES + " minutes");
            }
        } finally {
            process.destroyForcibly();
        }
        if (process.exitValue() != 0) {
            throw new IOException("vegeta ended with status " + process.exitValue() + ", see " + log);
        }
    }

    /** Requests that go on, or have ended. */
    final class Attack implements AutoCloseable {
        private final Process process;
        private final Path results;

        private Attack(Process process, Path results) {
            this.process = process;
            this.results = results;
        }

        /** No further request; those that wait for an answer go on. */
        void noMore() {
            process.destroy();
        }

        /** Returns when all answers have ended. */
        void await() throws IOException, InterruptedException {
            toEnd(process);
        }

        /** What {@code vegeta report} says of it: counts, rates, and latencies in nanoseconds from the sending of a request. */
        JsonNode report() throws IOException, InterruptedException {
            List<JsonNode> one = new ArrayList<>();
            read(one::add, "report", "-type=json");
            return one.get(0);
        }

        /** Each answer, with its body in base64. */
        void answers(Consumer<JsonNode> each) throws IOException, InterruptedException {
            read(each, "encode", "-to=json");
        }

        private void read(Consumer<JsonNode> each, String... how) throws IOException, InterruptedException {
            List<String> line = new ArrayList<>(List.of(program.toString()));
            line.addAll(List.of(how));
            line.add(results.toString());
            Process reading = process(line).start();
            try (InputStream out = reading.getInputStream();
                    MappingIterator<JsonNode> all =
                            JSON.readerFor(JsonNode.class).readValues(out)) {
                all.forEachRemaining(each);
            }
            toEnd(reading);
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
