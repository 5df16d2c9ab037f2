package io.tributary.perf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What the machine says of itself; Linux alone tells it by {@code /proc}. */
final class Machine {
    private static final double TICKS_A_SECOND = 100; // USER_HZ, the same on every Linux that Java runs on
    private static final int IDLE = 3; // of user, nice, system, idle, waiting for a disk, interrupts (2), stolen
    private static final int WAITING = 4;
    private static final int KINDS = 8;

    private Machine() {}

    /** Processes that wanted a core in the last minute, the mean; -1 where it is not told. */
    static double load() throws IOException {
        Path file = Path.of("/proc/loadavg");
        return Files.exists(file) ? Double.parseDouble(Files.readString(file).split(" ", 2)[0]) : -1;
    }

    /** CPU that anybody has taken since the start, the machine's own host included, in seconds. */
    static double busySeconds() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/stat"))) {
            String[] ticks = lines.findFirst().orElseThrow().split(" +", -1);
            double busy = 0;
            for (int kind = 0; kind < KINDS; kind++) {
                busy += kind == IDLE || kind == WAITING ? 0 : Double.parseDouble(ticks[kind + 1]);
            }
            return busy / TICKS_A_SECOND;
        }
    }

    /** Its processor as the kernel names it. */
    static String processor() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        }
    }
}
