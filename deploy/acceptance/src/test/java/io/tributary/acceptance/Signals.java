package io.tributary.acceptance;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What is done to processes of a stack from outside. */
final class Signals {
    private Signals() {}

    /** A process first, then those it started: PostgreSQL's sessions. */
    static List<ProcessHandle> family(long pid) {
        ProcessHandle own = ProcessHandle.of(pid).orElseThrow();
        List<ProcessHandle> all = new ArrayList<>(List.of(own));
        all.addAll(own.descendants().toList());
        return all;
    }

    /** Sends a signal, such as {@code STOP}, to those that still run. */
    static void send(String signal, List<ProcessHandle> processes) throws IOException, InterruptedException {
        for (ProcessHandle process : processes) {
            if (process.isAlive()) { // a session may have ended
                new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                        .start()
                        .waitFor();
            }
        }
    }

    /** The largest file these processes may write; what they start from now on may not write a larger one either. */
    static void limitFiles(long bytes, List<ProcessHandle> processes) throws IOException, InterruptedException {
        String limit = bytes == Long.MAX_VALUE ? "unlimited" : Long.toString(bytes);
        for (ProcessHandle process : processes) {
            if (process.isAlive()) {
                new ProcessBuilder("prlimit", "--pid=" + process.pid(), "--fsize=" + limit + ":unlimited")
                        .inheritIO()
                        .start()
                        .waitFor();
            }
        }
    }
}
