package io.tributary.embedded;

import io.tributary.embedded.EmbeddedStack.Part;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The java options of every part: one place, because together they must stay within 5,120 MiB of resident memory. In MiB:
 *
 * <pre>
 * part        heap  direct  others  at most   seen after the start
 * postgres       -       -     250      250      23  postmaster; shared buffers of 128 and about 5 for each connection are to come
 * kafka        384       -     200      584     240
 * registry     160       -     140      300     195
 * cassandra    512     256     250    1,018     845
 * source       128       -     120      248
 * ingest       384     128     180      692
 * stream     1,024       -     500    1,524
 * launcher     128       -     120      248       its heap is set by ./etl
 *                                     -----
 *                                     4,864
 * zookeeper     64       -      80      144      70  only where it is asked for, as all below
 * master       128       -     120      248          each of two
 * worker        96       -     110      206          each, and the executor that it starts:
 * executor     512       -     300      812
 * </pre>
 *
 * "others" is what classes, compiled code, stacks and native buffers take: seen for the servers, estimated for our own programs.
 *
 * <p>Serial collector everywhere: the least memory, and with two cores shared by eight processes a parallel one gains nothing. C1 only
 * ({@code TieredStopAtLevel=1}), because start-up counts more here than the long run: Cassandra is ready after 6.2 s of CPU time with it
 * and after 12.5 s without, the stream job after 8.3 s instead of 12.5 (spark-stream/README.md), Kafka after 2.4 s instead of 3.8; from
 * nothing to the end of a first run of 100,000 users all processes together take 122 s of it instead of 141 with Kafka, ingest and
 * source left to C2. A long measurement gives them {@code -XX:TieredStopAtLevel=4} by {@link StackOptions#withJvm}.
 */
final class JavaOptions {
    private static final List<String> CASSANDRA_OPENS = List.of(
            "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
            "--add-exports=java.management.rmi/com.sun.jmx.remote.internal.rmi=ALL-UNNAMED",
            "--add-exports=java.rmi/sun.rmi.registry=ALL-UNNAMED",
            "--add-exports=java.rmi/sun.rmi.server=ALL-UNNAMED",
            "--add-exports=java.rmi/sun.rmi.transport.tcp=ALL-UNNAMED",
            "--add-exports=java.sql/java.sql=ALL-UNNAMED",
            "--add-exports=java.base/java.lang.ref=ALL-UNNAMED",
            "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
            "--add-exports=java.base/jdk.internal.perf=ALL-UNNAMED",
            "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-exports=jdk.unsupported/sun.misc=ALL-UNNAMED",
            "--add-opens=java.base/java.lang.module=ALL-UNNAMED",
            "--add-opens=java.base/jdk.internal.loader=ALL-UNNAMED",
            "--add-opens=java.base/jdk.internal.ref=ALL-UNNAMED",
            "--add-opens=java.base/jdk.internal.reflect=ALL-UNNAMED",
            "--add-opens=java.base/jdk.internal.math=ALL-UNNAMED",
            "--add-opens=java.base/jdk.internal.module=ALL-UNNAMED",
            "--add-opens=java.base/jdk.internal.util.jar=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-opens=java.base/java.lang.invoke=ALL-UNNAMED",
            "--add-opens=java.base/java.math=ALL-UNNAMED",
            "--add-opens=java.base/java.io=ALL-UNNAMED",
            "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
            "--add-opens=java.base/java.net=ALL-UNNAMED",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--add-opens=java.base/java.util=ALL-UNNAMED",
            "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
            "--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-opens=java.management.rmi/com.sun.jmx.remote.internal.rmi=ALL-UNNAMED",
            "--add-opens=jdk.management.jfr/jdk.management.jfr=ALL-UNNAMED",
            "--add-opens=jdk.management/com.sun.management=ALL-UNNAMED",
            "--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED");

    private static final List<String> SPARK_OPENS = List.of(
            "-XX:+IgnoreUnrecognizedVMOptions",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-opens=java.base/java.lang.invoke=ALL-UNNAMED",
            "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
            "--add-opens=java.base/java.io=ALL-UNNAMED",
            "--add-opens=java.base/java.net=ALL-UNNAMED",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--add-opens=java.base/java.util=ALL-UNNAMED",
            "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
            "--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED",
            "--add-opens=java.base/jdk.internal.ref=ALL-UNNAMED",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-opens=java.base/sun.nio.cs=ALL-UNNAMED",
            "--add-opens=java.base/sun.security.action=ALL-UNNAMED",
            "--add-opens=java.base/sun.util.calendar=ALL-UNNAMED",
            "--add-opens=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
            "-Djdk.reflect.useDirectMethodHandle=false",
            "-Dio.netty.tryReflectionSetAccessible=true");

    private JavaOptions() {}

    /** What SparkSubmit would add. */
    static List<String> sparkOpens() {
        return SPARK_OPENS;
    }

    /** The java command up to, and without, class path and main class. {@code added} comes last and wins. */
    static List<String> command(Part part, DataDir dataDir, List<String> added) {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(List.of(
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData", // its file in /tmp outlives a kill -9
                "-XX:+ExitOnOutOfMemoryError", // a half-dead process is worse than one that is started again
                "-XX:ErrorFile=" + dataDir.log(part).resolveSibling(part.label() + "-hs_err.log"),
                "-Djava.io.tmpdir=" + dataDir.tmp(part),
                "-Djava.net.preferIPv4Stack=true",
                "-Djava.awt.headless=true"));
        line.addAll(own(part));
        line.addAll(added);
        return line;
    }

    private static List<String> own(Part part) {
        return switch (part) {
            case KAFKA -> List.of("-Xms384m", "-Xmx384m");
            case REGISTRY -> List.of("-Xmx160m");
            case CASSANDRA ->
                with(
                        CASSANDRA_OPENS,
                        "-Xms512m",
                        "-Xmx512m",
                        "-XX:MaxDirectMemorySize=256m",
                        "-Xss512k",
                        "-Djdk.attach.allowAttachSelf=true",
                        "-Dio.netty.tryReflectionSetAccessible=true");
            case ZOOKEEPER -> List.of("-Xmx64m");
            case MASTER, STANDBY -> with(SPARK_OPENS, "-Xmx128m");
            case WORKER_1, WORKER_2, WORKER_3, WORKER_4 -> with(SPARK_OPENS, "-Xmx96m");
            case SOURCE -> List.of("-Xmx128m");
            case INGEST -> List.of("-Xmx384m", "-XX:MaxDirectMemorySize=128m");
            case STREAM -> with(SPARK_OPENS, "-Xmx1g");
            case POSTGRES, AIRFLOW, SCHEDULER, DAGS, TRIGGERER, STATSD -> List.of();
        };
    }

    private static List<String> with(List<String> options, String... more) {
        return Stream.concat(options.stream(), Stream.of(more)).toList();
    }
}
