package io.tributary.perf;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import io.tributary.embedded.EmbeddedStack.Part;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import one.convert.Arguments;
import one.convert.FlameGraph;

/**
 * Where Java processes spend their CPU while something is measured, Java and native code alike, by async-profiler: one sample a
 * millisecond of CPU, kept as a picture to click into. Costs a few hundredths of what it watches.
 *
 * @param parts that are watched where they run
 * @param name of what is measured
 * @param folder that gets {@code NAME-PART.html}, of the last measurement
 */
record FlameGraphs(Set<Part> parts, String name, Path folder) {
    private static final String LIBRARY = "/linux-" + architecture() + "/libasyncProfiler.so";
    private static final String START = "start,event=ctimer,interval=1ms";
    private static final String STOP = "stop,collapsed,ann,file=%s";
    private static final double SMALLEST_PERCENT = 0.1;
    /** A library without symbols is named by its file; where that lies is this machine's. */
    private static final Pattern DIRECTORIES = Pattern.compile("(?<=^|;)/[^;]*/", Pattern.MULTILINE);

    /** Begins to watch those of the parts that run; until the answer's end. */
    Watch begin(ToLongFunction<Part> pid, Set<Part> running) throws IOException {
        Map<Part, VirtualMachine> watched = new LinkedHashMap<>();
        for (Part part : parts) {
            if (running.contains(part)) {
                VirtualMachine machine = attached(pid.applyAsLong(part));
                order(machine, START);
                watched.put(part, machine);
            }
        }
        return () -> {
            for (Map.Entry<Part, VirtualMachine> one : watched.entrySet()) {
                Path stacks = Files.createTempFile("stacks", ".collapsed");
                order(one.getValue(), STOP.formatted(stacks));
                one.getValue().detach();
                draw(Files.readString(stacks), folder.resolve(picture(one.getKey())));
                Files.delete(stacks);
            }
        };
    }

    private String picture(Part part) {
        return name + "-" + part.label() + ".html";
    }

    /** The names of the pictures. */
    List<String> pictures() {
        return parts.stream().map(this::picture).toList();
    }

    private static void draw(String stacks, Path picture) throws IOException {
        Arguments arguments = new Arguments();
        arguments.title = picture.getFileName().toString();
        arguments.minwidth = SMALLEST_PERCENT;
        FlameGraph graph = new FlameGraph(arguments);
        graph.parseCollapsed(new StringReader(DIRECTORIES.matcher(stacks).replaceAll("")));
        try (OutputStream out = Files.newOutputStream(picture)) {
            graph.dump(out);
        }
    }

    /** Samples are taken until its end. */
    interface Watch {
        /** Writes the pictures. */
        void end() throws IOException;
    }

    private static VirtualMachine attached(long pid) throws IOException {
        try {
            return VirtualMachine.attach(Long.toString(pid));
        } catch (AttachNotSupportedException e) {
            throw new IOException("process " + pid + " can not be watched", e);
        }
    }

    private static void order(VirtualMachine machine, String words) throws IOException {
        try {
            machine.loadAgentPath(Library.FILE.toString(), words);
        } catch (AgentLoadException | AgentInitializationException e) {
            throw new IOException("async-profiler refuses: " + words, e);
        }
    }

    private static String architecture() {
        return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "x64";
    }

    /** Native code is loaded from a file, and stays loaded: one for all. */
    private static final class Library {
        static final Path FILE = unpacked();

        private static Path unpacked() {
            try (InputStream in = FlameGraphs.class.getResourceAsStream(LIBRARY)) {
                if (in == null) {
                    throw new IllegalStateException("async-profiler has no " + LIBRARY);
                }
                Path file = Files.createTempFile("async-profiler", ".so");
                file.toFile().deleteOnExit();
                Files.write(file, in.readAllBytes());
                return file;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
