package io.tributary.perf;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** Reads what processes take while a piece of work is done. */
final class Meter {
    /** Often enough to see a peak of memory, seldom enough to cost less than a hundredth of a core. */
    private static final Duration LOOK = Duration.ofMillis(500);

    private static final long MEBIBYTE = 1024 * 1024;

    private final Map<String, ProcessTree> processes;
    private final Map<String, Long> peaks = new HashMap<>();
    private ProcessTree client = ProcessTree.ownAndEnded();
    private volatile boolean done;

    private Meter(Map<String, ProcessTree> processes) {
        this.processes = processes;
    }

    /** Something done for a number of users. */
    interface Work {
        /** Returns when they are where they were to come. */
        void run(Meter meter) throws Exception;
    }

    /**
     * Does it and says what it took.
     *
     * @param parts by name; whoever drives the work is measured beside them, as {@link Cost#CLIENT}
     */
    static Cost measure(Map<String, ProcessTree> parts, long users, Work work) throws Exception {
        Map<String, ProcessTree> processes = new LinkedHashMap<>(parts);
        processes.put(Cost.CLIENT, ProcessTree.ownAndEnded());
        return new Meter(processes).measured(users, work);
    }

    private Cost measured(long users, Work work) throws Exception {
        Map<String, Cost.Share> before = readings();
        double busyBefore = Machine.busySeconds();
        Thread looks = new Thread(this::look, "meter");
        looks.setDaemon(true);
        looks.start();
        long began = System.nanoTime();
        try {
            work.run(this);
        } finally {
            done = true;
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        looks.join();
        Map<String, Cost.Share> shares = readings();
        double busy = Machine.busySeconds() - busyBefore;
        shares.replaceAll((process, after) -> taken(process, before, after));
        double ours =
                shares.values().stream().mapToDouble(Cost.Share::cpuSeconds).sum();
        return new Cost(users, seconds, Math.max(0, busy - ours) / seconds, shares);
    }

    /** Another process drives the work: its memory counts as the client's; its CPU does by itself once it has ended. */
    synchronized void clientIs(ProcessTree other) {
        client = other;
        peaks.remove(Cost.CLIENT);
    }

    /** Memory that each process holds now. */
    ObjectNode residentMiB() throws IOException {
        ObjectNode now = JsonNodeFactory.instance.objectNode();
        for (Map.Entry<String, ProcessTree> one : processes.entrySet()) {
            now.put(one.getKey(), one.getValue().residentBytes() / MEBIBYTE);
        }
        return now;
    }

    /** CPU that each process has taken since its start. */
    Map<String, Double> cpuSeconds() throws IOException {
        Map<String, Double> now = new LinkedHashMap<>();
        for (Map.Entry<String, ProcessTree> one : processes.entrySet()) {
            now.put(one.getKey(), one.getValue().cpuSeconds());
        }
        return now;
    }

    private Cost.Share taken(String process, Map<String, Cost.Share> before, Cost.Share after) {
        Cost.Share from = before.getOrDefault(process, new Cost.Share(0, 0, 0, 0));
        return new Cost.Share(
                after.cpuSeconds() - from.cpuSeconds(),
                Math.max(0, after.compilerSeconds() - from.compilerSeconds()), // an idle compiler's thread ends
                after.writtenBytes() - from.writtenBytes(),
                peaks.getOrDefault(process, after.peakBytes()));
    }

    private Map<String, Cost.Share> readings() throws IOException {
        Map<String, Cost.Share> all = new LinkedHashMap<>();
        for (Map.Entry<String, ProcessTree> one : processes.entrySet()) {
            ProcessTree tree = one.getValue();
            all.put(
                    one.getKey(),
                    new Cost.Share(
                            tree.cpuSeconds(), tree.compilerSeconds(), tree.writtenBytes(), tree.residentBytes()));
        }
        return all;
    }

    private void look() {
        try {
            while (!done) {
                lookOnce();
                LockSupport.parkNanos(LOOK.toNanos());
            }
        } catch (IOException e) {
            // a process that has ended between two looks; what was seen until then stands
        }
    }

    private synchronized void lookOnce() throws IOException {
        for (Map.Entry<String, ProcessTree> one : processes.entrySet()) {
            ProcessTree tree = one.getKey().equals(Cost.CLIENT) ? client : one.getValue();
            peaks.merge(one.getKey(), tree.residentBytes(), Math::max);
        }
    }
}
