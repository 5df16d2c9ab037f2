package io.tributary.ingest.protocol;

import io.tributary.ingest.model.PageState;
import io.tributary.ingest.protocol.PageEntry.Hold;
import io.tributary.ingest.protocol.PageFlow.Step;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Everything that a page's fate depends on: the ledger's entry, two workers, what is on its way although nobody waits for it
 * any more, PostgreSQL's rows, Kafka's log.
 *
 * <p>States that differ only in names are one: epochs are numbered by rank and moments of the lease are past or future,
 * because the protocol compares epochs for equality and leases with now. So no bound on crashes, leases or expiries is needed.
 *
 * @param late effects that may still happen, at most {@link #MOST_LATE}
 * @param rows contents that PostgreSQL has, as bits of {@link Content#bit}
 * @param log contents of the first (low byte) and of the second user (high byte) in Kafka
 * @param now the ledger's clock as event time, 0 or 1; leases run out at any time, whatever it says
 */
record World(PageEntry page, Worker one, Worker two, List<Late> late, int rows, int log, int now) {
    static final int MOST_LATE = 1;
    /** Failures before are not told apart: one that counts quarantines, one that does not stands for the first four. */
    private static final int LAST_ATTEMPT = PageMove.ATTEMPTS - 1;

    static final Instant FUTURE = Instant.ofEpochSecond(1_000);
    static final Instant PAST = Instant.ofEpochSecond(-1_000);

    /** What two answers of the source may differ in, and the event time. */
    record Content(int answer, int time) {
        int bit() {
            return 1 << (2 * answer + time);
        }

        CaptureFacts facts() {
            return new CaptureFacts(Instant.ofEpochMilli(time), 1, "", 1, 2, answer);
        }

        static Content of(CaptureFacts facts) {
            return new Content((int) facts.digest(), (int) facts.capturedAt().toEpochMilli());
        }

        @Override
        public String toString() {
            return "answer " + (char) ('A' + answer) + " of time " + time;
        }
    }

    /** How far an operation of a worker is. */
    enum Op {
        NONE,
        SENT,
        /** Kafka has the first of the two users. */
        HALF
    }

    /**
     * A worker; idle without a flow.
     *
     * @param memory what it holds of the page
     * @param counts its last failure is the page's own fault
     * @param first operation of the step, in DELIVER the rows
     * @param second in DELIVER the records
     */
    record Worker(PageFlow flow, long epoch, int life, Content memory, boolean counts, Op first, Op second) {
        private static final Worker IDLE = idle(1);

        static Worker idle(int life) {
            return new Worker(null, 0, life, null, false, Op.NONE, Op.NONE);
        }

        boolean isIdle() {
            return flow == null;
        }

        /** At its next step, with that step's operations on their way. */
        Worker at(PageFlow next, Content known, boolean fault) {
            if (next.step() == Step.END) {
                return idle(life);
            }
            boolean same = flow != null && next.step() == flow.step();
            boolean sinks = next.step() == Step.DELIVER;
            boolean needs = sinks || next.step() == Step.CAPTURE;
            return new Worker(
                    next,
                    epoch,
                    life,
                    needs ? known : null,
                    fault,
                    same ? first : sinks ? Op.SENT : Op.NONE,
                    same ? second : sinks ? Op.SENT : Op.NONE);
        }

        Worker with(Op changed) {
            return new Worker(flow, epoch, life, memory, counts, changed, second);
        }

        Worker withSecond(Op changed) {
            return new Worker(flow, epoch, life, memory, counts, first, changed);
        }

        private Worker numbered(long[] epochs) {
            return isIdle() ? IDLE : new Worker(flow, rank(epochs, epoch), 1, memory, counts, first, second);
        }
    }

    /** An operation whose worker is gone or has given up: it may still happen, at any time. */
    record Late(Step step, long epoch, Content content, boolean counts, boolean half) {}

    static World start() {
        return new World(PageEntry.planned(Instant.EPOCH), Worker.idle(1), Worker.idle(1), List.of(), 0, 0, 0);
    }

    Worker worker(int index) {
        return index == 0 ? one : two;
    }

    World with(int index, Worker worker) {
        return index == 0
                ? new World(page, worker, two, late, rows, log, now)
                : new World(page, one, worker, late, rows, log, now);
    }

    World with(PageEntry changed) {
        return new World(changed, one, two, late, rows, log, now);
    }

    World with(Late left) {
        if (late.size() >= MOST_LATE || late.contains(left)) {
            return this;
        }
        return new World(
                page, one, two, Stream.concat(late.stream(), Stream.of(left)).toList(), rows, log, now);
    }

    World without(Late happened) {
        return new World(
                page,
                one,
                two,
                late.stream().filter(left -> !left.equals(happened)).toList(),
                rows,
                log,
                now);
    }

    World withRows(Content content) {
        return new World(page, one, two, late, rows | content.bit(), log, now);
    }

    World withRecord(Content content, boolean second) {
        return new World(page, one, two, late, rows, log | content.bit() << (second ? 8 : 0), now);
    }

    World tick() {
        return new World(page, one, two, late, rows, log, now + 1);
    }

    /** The same state under its one name. */
    World named() {
        long[] epochs = epochs();
        List<Late> lateNow = late.isEmpty()
                ? late
                : late.stream()
                        .map(left -> new Late(
                                left.step(), rank(epochs, left.epoch()), left.content(), left.counts(), left.half()))
                        .toList();
        PageEntry entry = new PageEntry(
                page.state(),
                rank(epochs, page.epoch()),
                hold(),
                page.state() == PageState.QUARANTINED ? PageMove.ATTEMPTS : LAST_ATTEMPT,
                Instant.EPOCH,
                null,
                page.facts(),
                page.stored(),
                page.completedAt() == null ? null : Instant.EPOCH,
                page.wanted());
        return new World(entry, one.numbered(epochs), two.numbered(epochs), lateNow, rows, log, now);
    }

    /** The same world with the workers' names exchanged: what can happen from there is the same, but for the names. */
    World mirrored() {
        Hold held = page.hold();
        if (held == null) {
            return new World(page, two, one, late, rows, log, now);
        }
        String other =
                (held.holder().charAt(0) == '1' ? "2" : "1") + held.holder().substring(1);
        PageEntry entry = new PageEntry(
                page.state(),
                page.epoch(),
                new Hold(other, held.since(), held.until()),
                page.attempts(),
                page.notBefore(),
                page.cause(),
                page.facts(),
                page.stored(),
                page.completedAt(),
                page.wanted());
        return new World(entry, two, one, late, rows, log, now);
    }

    private long[] epochs() {
        long[] epochs = new long[3 + late.size()];
        epochs[0] = page.epoch();
        epochs[1] = one.isIdle() ? page.epoch() : one.epoch();
        epochs[2] = two.isIdle() ? page.epoch() : two.epoch();
        for (int i = 0; i < late.size(); i++) {
            epochs[3 + i] = late.get(i).epoch();
        }
        Arrays.sort(epochs);
        return epochs;
    }

    /** By a life that is over, or by the present one; run out or not. */
    private Hold hold() {
        Hold held = page.hold();
        if (held == null) {
            return null;
        }
        int worker = held.holder().charAt(0) - '1';
        boolean present = held.holder().equals(holder(worker));
        return new Hold((worker + 1) + (present ? "/1" : "/0"), Instant.EPOCH, held.until());
    }

    String holder(int index) {
        return (index + 1) + "/" + worker(index).life();
    }

    private static long rank(long[] sorted, long epoch) {
        long rank = 0;
        for (int i = 0; i < sorted.length && sorted[i] <= epoch; i++) {
            if (i == 0 || sorted[i] != sorted[i - 1]) {
                rank++;
            }
        }
        return rank;
    }
}
