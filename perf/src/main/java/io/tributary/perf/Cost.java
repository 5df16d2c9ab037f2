package io.tributary.perf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What a piece of work took.
 *
 * @param users brought to their end by it
 * @param seconds from its begin to its end
 * @param othersCores cores that processes not listed here kept busy meanwhile: of a quiet machine less than {@link #DISTURBED}
 * @param shares by process: the stack's parts by their names, and {@code client}
 */
record Cost(long users, double seconds, double othersCores, Map<String, Share> shares) {
    private static final double DISTURBED = 0.1;
    private static final double MEBIBYTE = 1024 * 1024;

    /** The name of whoever drove the work, where that was no part of the stack. */
    static final String CLIENT = "client";

    private static final String SOURCE = "source";

    /** Of one process with its children; compilers are Java's, as part of its CPU; the peak is that of two looks a second. */
    record Share(double cpuSeconds, double compilerSeconds, long writtenBytes, long peakBytes) {}

    double usersPerSecond() {
        return users / seconds;
    }

    /** CPU of one process in microseconds a user. */
    double micros(String process) {
        Share share = shares.get(process);
        return share == null ? 0 : share.cpuSeconds() * 1e6 / users;
    }

    /** CPU of all processes in microseconds a user. */
    double micros() {
        return shares.keySet().stream().mapToDouble(this::micros).sum();
    }

    /** The same without the source: outside of a test that is somebody else's machine. */
    double microsWithoutSource() {
        return micros() - micros(SOURCE);
    }

    /** Cores that one process kept busy, the mean. */
    double cores(String process) {
        Share share = shares.get(process);
        return share == null ? 0 : share.cpuSeconds() / seconds;
    }

    void describe(ObjectNode into) {
        into.put("users", users);
        into.put("seconds", Rounded.to(3, seconds));
        into.put("usersPerSecond", Math.round(usersPerSecond()));
        into.put("usersPerCpuSecond", Math.round(1e6 / micros()));
        into.put("usersPerCpuSecondWithoutSource", Math.round(1e6 / microsWithoutSource()));
        ObjectNode cpu = into.putObject("cpuMicrosPerUser");
        shares.keySet().forEach(process -> cpu.put(process, Rounded.to(2, micros(process))));
        cpu.put("all", Rounded.to(2, micros()));
        cpu.put("allWithoutSource", Rounded.to(2, microsWithoutSource()));
        each(into.putObject("compilerMicrosPerUser"), share -> Rounded.to(2, share.compilerSeconds() * 1e6 / users));
        each(into.putObject("peakMiB"), share -> Rounded.to(0, share.peakBytes() / MEBIBYTE));
        each(into.putObject("writtenBytesPerUser"), share -> Rounded.to(0, (double) share.writtenBytes() / users));
        into.put("othersCores", Rounded.to(2, othersCores));
        into.put("disturbed", othersCores > DISTURBED);
    }

    private void each(ObjectNode into, ToDoubleFunction<Share> figure) {
        shares.forEach((process, share) -> into.put(process, figure.applyAsDouble(share)));
    }
}
