package io.tributary.perf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the machine says of itself; Linux alone tells it by {@code /proc}. */
final class Machine {
    private static final double TICKS_A_SECOND = 100; // USER_HZ, the same on every Linux that Java runs on
    private static final int USER_TIME = 11;
    private static final int SYSTEM_TIME = 12;

    private Machine() {}

    /** Processes that wanted a core in the last minute, the mean; -1 where it is not told. */
    static double load() throws IOException {
        Path file = Path.of("/proc/loadavg");
        return Files.exists(file) ? Double.parseDouble(Files.readString(file).split(" ", 2)[0]) : -1;
    }

    /** CPU that a process has taken, in seconds. */
    static double cpuSeconds(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1); // a name may hold blanks
        return (Double.parseDouble(fields[USER_TIME]) + Double.parseDouble(fields[SYSTEM_TIME])) / TICKS_A_SECOND;
    }
}
