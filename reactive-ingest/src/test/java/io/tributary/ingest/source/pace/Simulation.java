package io.tributary.ingest.source.pace;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.IntUnaryOperator;

/**
 * Instances that fetch as fast as they are let, against a quota, in virtual time: requests take 10 to 30 ms, the shared pace
 * is asked and told in the order of time.
 */
final class Simulation {
    private static final int SLOTS = 4;
    private static final long LONGEST_REQUEST_MS = 30_000;

    private record Event(long atMs, long order, Runnable what) {}

    final Pace pace;
    private final Quota quota;
    private final Random random;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::atMs).thenComparingLong(Event::order));
    private final Instance[] instances;
    private IntUnaryOperator pageUsers = n -> 500;
    private long brokenFromMs = Long.MAX_VALUE;
    private long brokenToMs = Long.MAX_VALUE;
    private long order;
    private long nowMs;
    int pages;
    long requests;
    long refused;
    long failed;
    long users;
    long waits;

    private static final class Instance {
        final ConcurrencyLimit limit = new AdditiveIncrease(SLOTS);
        int inFlight;
        boolean isWaiting;
        long troubledUntilMs;
    }

    Simulation(Quota quota, int instances, long seed) {
        this(quota, instances, seed, new Pace(), 0);
    }

    /** Instances that start now with what others learned. */
    Simulation(Quota quota, int instances, long seed, Pace pace, long startMs) {
        this.quota = quota;
        this.pace = pace;
        this.random = new Random(seed);
        this.instances = new Instance[instances];
        for (int i = 0; i < instances; i++) {
            Instance instance = new Instance();
            this.instances[i] = instance;
            at(startMs + i * 7L, () -> work(instance));
        }
    }

    Simulation pages(IntUnaryOperator sizes) {
        pageUsers = sizes;
        return this;
    }

    Simulation broken(long fromMs, long toMs) {
        brokenFromMs = fromMs;
        brokenToMs = toMs;
        return this;
    }

    Simulation forgetCounts() {
        requests = 0;
        refused = 0;
        failed = 0;
        users = 0;
        return this;
    }

    Simulation until(long endMs) {
        while (!events.isEmpty() && events.peek().atMs() <= endMs) {
            Event next = events.remove();
            nowMs = next.atMs();
            next.what().run();
        }
        return this;
    }

    double refusedShare() {
        return (double) refused / requests;
    }

    private void at(long atMs, Runnable what) {
        events.add(new Event(atMs, order++, what));
    }

    private void work(Instance instance) {
        while (instance.inFlight < instance.limit.current()
                && !instance.isWaiting
                && nowMs >= instance.troubledUntilMs) {
            int size = pageUsers.applyAsInt(pages);
            Pace.Answer answer = pace.ask(nowMs, size, LONGEST_REQUEST_MS);
            if (answer instanceof Pace.Permit permit) {
                pages++;
                send(instance, permit);
            } else if (answer instanceof Pace.Wait wait) {
                instance.isWaiting = true;
                waits++;
                at(nowMs + Math.max(1, wait.forMs()), () -> {
                    instance.isWaiting = false;
                    work(instance);
                });
            }
        }
    }

    private void send(Instance instance, Pace.Permit permit) {
        instance.inFlight++;
        long sentMs = nowMs;
        at(nowMs + 2 + random.nextInt(5), () -> {
            requests++;
            boolean isBroken = nowMs >= brokenFromMs && nowMs < brokenToMs;
            boolean isTaken = !isBroken && quota.takes(nowMs, permit.users());
            if (isTaken) {
                users += permit.users();
            } else if (isBroken) {
                failed++;
            } else {
                refused++;
            }
            Pace.Outcome outcome =
                    isTaken ? Pace.Outcome.ACCEPTED : isBroken ? Pace.Outcome.FAILED : Pace.Outcome.REFUSED;
            at(nowMs + 8 + random.nextInt(15), () -> answered(instance, permit, outcome, nowMs - sentMs));
        });
    }

    private void answered(Instance instance, Pace.Permit permit, Pace.Outcome outcome, long latencyMs) {
        instance.inFlight--;
        pace.tell(nowMs, permit, outcome);
        switch (outcome) {
            case ACCEPTED -> instance.limit.answered(Duration.ofMillis(latencyMs), permit.users());
            case REFUSED -> {
                if (permit.role() == Pace.Role.PAGE) {
                    instance.limit.failed();
                }
            }
            case FAILED -> {
                instance.limit.failed();
                instance.troubledUntilMs = nowMs + 1_000; // the circuit breaker's part
                at(instance.troubledUntilMs, () -> work(instance));
            }
        }
        work(instance);
    }
}
