package io.tributary.ingest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import reactor.core.publisher.Mono;

/**
 * The service as {@link IngestMain} makes it, with a {@link Failpoint} in front of what its pipeline reaches outside by. Only
 * on the class path of tests. The first argument is armed at the start, and each line of the standard input when it comes;
 * the process ends when that does. What is struck is said in a line {@code event=failpoint}.
 */
public final class FailingIngestMain {
    private static final int KILLED = 128 + 9;

    private FailingIngestMain() {}

    public static void main(String[] args) throws InterruptedException {
        Failpoints points = new OfTheProcess();
        if (args.length > 0) {
            points.arm(Failpoint.of(args[0]));
        }
        Thread orders = new Thread(() -> follow(points), "failpoints");
        orders.setDaemon(true);
        orders.start();
        IngestMain.serve(points);
    }

    private static void follow(Failpoints points) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                points.arm(Failpoint.of(line));
                System.out.println("event=failpoint armed=\"" + line + '"');
            }
        } catch (IOException e) {
            System.err.println("failpoints: " + e);
        }
        Runtime.getRuntime().halt(0); // whoever started this is gone
    }

    private static final class OfTheProcess extends Failpoints {
        OfTheProcess() {
            super(Duration.parse("PT" + System.getenv("INGEST_LEASE")));
        }

        @Override
        protected void struck(Failpoint point) {
            System.out.println("event=failpoint struck=\"" + point + '"');
        }

        @Override
        protected <T> Mono<T> halt(Failpoint point, Mono<T> real) {
            Mono<T> end = Mono.fromRunnable(() -> Runtime.getRuntime().halt(KILLED));
            return uncancelled(point.after() ? real.materialize().then(end) : end);
        }

        @Override
        protected <T> Mono<T> pause(Failpoint point, Mono<T> real) {
            Mono<T> stopped = Mono.fromRunnable(OfTheProcess::stop);
            return uncancelled(
                    point.after()
                            ? real.materialize().delayUntil(effect -> stopped).dematerialize()
                            : stopped.then(real));
        }

        /** Also when the worker does not wait for it any more. */
        private static <T> Mono<T> uncancelled(Mono<T> struck) {
            Mono<T> kept = struck.cache();
            kept.subscribe(done -> {}, refused -> {});
            return kept;
        }

        /** Until somebody sends a SIGCONT: the kill has ended only then. */
        private static void stop() {
            try {
                new ProcessBuilder(
                                "kill",
                                "-STOP",
                                Long.toString(ProcessHandle.current().pid()))
                        .start()
                        .waitFor();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
