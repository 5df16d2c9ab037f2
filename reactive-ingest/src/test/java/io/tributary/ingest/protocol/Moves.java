package io.tributary.ingest.protocol;

import io.tributary.ingest.model.PageState;
import io.tributary.ingest.protocol.Decision.Next;
import io.tributary.ingest.protocol.Decision.Refused;
import io.tributary.ingest.protocol.PageEntry.Hold;
import io.tributary.ingest.protocol.PageFlow.Event;
import io.tributary.ingest.protocol.PageFlow.Step;
import io.tributary.ingest.protocol.World.Content;
import io.tributary.ingest.protocol.World.Late;
import io.tributary.ingest.protocol.World.Op;
import io.tributary.ingest.protocol.World.Worker;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Everything that can happen next, each with whether it is a fault. */
final class Moves {
    private static final Duration LEASE = Duration.between(Instant.EPOCH, World.FUTURE);
    /** Time goes on: no fault where everybody waits for it. */
    static final String EXPIRES = "the lease runs out";

    private static final Instant NOW = Instant.EPOCH;

    /** One thing that happens. */
    record Move(String what, boolean fault, World next) {}

    private final Rules rules;
    private final World world;
    private final List<Move> moves = new ArrayList<>();

    private Moves(Rules rules, World world) {
        this.rules = rules;
        this.world = world;
    }

    static List<Move> from(Rules rules, World world) {
        Moves from = new Moves(rules, world);
        for (int index = 0; index < rules.workers(); index++) {
            from.worker(index);
        }
        from.late();
        from.surroundings();
        return from.moves;
    }

    private void add(String what, boolean fault, World next) {
        moves.add(new Move(what, fault, next.named()));
    }

    private void surroundings() {
        PageEntry page = world.page();
        Hold hold = page.hold();
        if (hold != null && hold.until().equals(World.FUTURE)) {
            add(EXPIRES, true, world.with(page.heldUntil(World.PAST)));
        }
        if (world.now() == 0) {
            add("the clock goes on", true, world.tick());
        }
        if (rules.cancels() && page.wanted() && page.isOpen()) {
            PageEntry cancelled = new PageEntry(
                    page.state(),
                    page.epoch(),
                    hold,
                    page.attempts(),
                    page.notBefore(),
                    page.cause(),
                    page.facts(),
                    page.stored(),
                    page.completedAt(),
                    false);
            add("the run is cancelled", true, world.with(cancelled));
        }
        if (rules.decide(page, new PageMove.Redrive(), NOW) instanceof Next next) {
            add("the page is redriven", true, world.with(next.page()));
        }
    }

    private void late() {
        for (Late left : world.late()) {
            World after = world.without(left);
            String what = "late: " + left.step() + " of epoch " + left.epoch() + " happens";
            switch (left.step()) {
                case DELIVER -> {
                    if (left.counts()) { // the rows
                        add(
                                what + " for the rows",
                                true,
                                store(after, left.epoch(), left.content()).world());
                    } else {
                        World second = after.withRecord(left.content(), true);
                        add(what + " for Kafka", true, left.half() ? second : second.withRecord(left.content(), false));
                    }
                }
                default ->
                    add(
                            what,
                            true,
                            ask(after, left.step(), left.epoch(), left.content(), left.counts())
                                    .world());
            }
        }
    }

    private void worker(int index) {
        Worker worker = world.worker(index);
        String name = "worker " + (index + 1) + " ";
        if (worker.isIdle()) {
            take(index, name);
            return;
        }
        add(name + "crashes", true, leave(world, index, worker).with(index, Worker.idle(worker.life() + 1)));
        if (rules.decide(world.page(), new PageMove.Renew(worker.epoch(), LEASE), NOW) instanceof Next next) {
            add(name + "renews", true, world.with(next.page()));
        }
        Step step = worker.flow().step();
        switch (step) {
            case FETCH -> {
                for (int answer = 0; answer < 2; answer++) {
                    Content got = new Content(answer, world.now());
                    add(name + "fetches " + got, false, after(world, index, Event.DONE, got, false));
                }
                add(name + "is refused by the source", true, after(world, index, Event.FAILED, null, true));
                add(name + "finds the source away", true, after(world, index, Event.FAILED, null, false));
            }
            case READ_BACK -> {
                CaptureFacts facts = world.page().facts();
                Content read = new Content((int) facts.digest(), (int)
                        rules.timeOf(facts, Instant.ofEpochMilli(world.now())).toEpochMilli());
                add(name + "reads back " + read, false, after(world, index, Event.DONE, read, false));
                add(name + "can not read back", true, after(world, index, Event.FAILED, null, false));
            }
            case CAPTURE, COMPLETE, GIVE_BACK -> single(index, name, step);
            case DELIVER -> {
                rows(index, name);
                records(index, name);
                add(
                        name + "stops, its own deadline is over",
                        true,
                        after(leave(world, index, worker), index, Event.LOST, worker.memory(), false));
            }
            case END -> throw new IllegalStateException("a worker at its end is idle");
        }
    }

    private void take(int index, String name) {
        PageEntry page = world.page();
        if (rules.decide(page, new PageMove.Take(world.holder(index), LEASE, true), NOW) instanceof Next next) {
            Worker idle = world.worker(index);
            PageFlow first = rules.first(page.facts() != null);
            Worker began = new Worker(null, next.page().epoch(), idle.life(), null, false, Op.NONE, Op.NONE)
                    .at(first, null, false);
            String what = name + "takes the page";
            add(what, false, world.with(next.page()).with(index, began));
            add(what + ", and never hears of it", true, world.with(next.page()));
        }
        if (rules.decide(page, new PageMove.Succeed(world.holder(index)), NOW) instanceof Next next) {
            add(name + "frees what its former life held", true, world.with(next.page()));
        }
    }

    private void single(int index, String name, Step step) {
        Worker worker = world.worker(index);
        Answer answer = ask(world, step, worker.epoch(), worker.memory(), worker.counts());
        boolean ok = answer.ok();
        Content known = step == Step.CAPTURE && ok ? captured(answer.world(), worker) : worker.memory();
        World heard = after(answer.world(), index, ok ? Event.DONE : Event.FAILED, known, false);
        add(name + step + (ok ? " is done" : " is refused"), false, heard);
        World unheard = after(answer.world(), index, Event.FAILED, worker.memory(), false);
        add(name + step + " is done and the answer lost", true, unheard);
        add(
                name + "hears nothing of " + step,
                true,
                after(leave(world, index, worker), index, Event.FAILED, worker.memory(), false));
    }

    /** A mutant may have changed nothing in the ledger. */
    private static Content captured(World world, Worker worker) {
        CaptureFacts facts = world.page().facts();
        return facts == null ? worker.memory() : Content.of(facts);
    }

    private void rows(int index, String name) {
        Worker worker = world.worker(index);
        if (worker.first() == Op.NONE) {
            return;
        }
        Answer answer = store(world, worker.epoch(), worker.memory());
        Event heard = answer.ok() ? Event.STORED : Event.NOT_DELIVERED;
        settle(
                index,
                name + "stores rows: " + (answer.ok() ? "done" : "refused"),
                false,
                answer.world(),
                true,
                heard,
                false);
        settle(
                index,
                name + "stores rows and the answer is lost",
                true,
                answer.world(),
                true,
                Event.NOT_DELIVERED,
                false);
        settle(
                index,
                name + "hears nothing of its rows",
                true,
                leaveRows(world, worker),
                true,
                Event.NOT_DELIVERED,
                false);
        if (answer.ok()) {
            twice(index, name + "hears twice that rows are stored", answer.world(), Event.STORED, true);
        }
    }

    private void records(int index, String name) {
        Worker worker = world.worker(index);
        if (worker.second() == Op.NONE) {
            return;
        }
        if (worker.second() == Op.SENT) {
            add(
                    name + "publishes the first user of " + worker.memory(),
                    false,
                    world.withRecord(worker.memory(), false).with(index, worker.withSecond(Op.HALF)));
        } else {
            World both = world.withRecord(worker.memory(), true);
            String what = name + "publishes the second user of " + worker.memory();
            settle(index, what, false, both, false, Event.PUBLISHED, false);
            settle(index, what + " and the answer is lost", true, both, false, Event.NOT_DELIVERED, false);
            twice(index, what + " and hears it twice", both, Event.PUBLISHED, false);
        }
        settle(
                index,
                name + "hears nothing of its records",
                true,
                leaveRecords(world, worker),
                false,
                Event.NOT_DELIVERED,
                false);
        settle(
                index,
                name + "is told that Kafka never takes such a record",
                true,
                world,
                false,
                Event.NOT_DELIVERED,
                true);
    }

    private void settle(
            int index, String what, boolean fault, World before, boolean rows, Event event, boolean counts) {
        Worker worker = before.worker(index);
        Worker heard = rows ? worker.with(Op.NONE) : worker.withSecond(Op.NONE);
        World after = after(before.with(index, heard), index, event, worker.memory(), counts || worker.counts());
        add(what, fault, after);
    }

    private void twice(int index, String what, World before, Event event, boolean rows) {
        Worker worker = before.worker(index);
        Worker heard = rows ? worker.with(Op.NONE) : worker.withSecond(Op.NONE);
        World once = after(before.with(index, heard), index, event, worker.memory(), false);
        Worker then = once.worker(index);
        if (!then.isIdle() && then.flow().step() == Step.DELIVER) {
            add(what, true, after(leave(once, index, then), index, event, then.memory(), false));
        }
    }

    /** The worker at what follows; operations that it no longer waits for are on their way. */
    private World after(World before, int index, Event event, Content known, boolean counts) {
        Worker worker = before.worker(index);
        PageFlow next = rules.next(worker.flow(), event);
        boolean abandons = worker.flow().step() == Step.DELIVER && next.step() != Step.DELIVER;
        World left = abandons ? leave(before, index, worker) : before;
        return left.with(index, worker.at(next, known, counts));
    }

    private static World leave(World before, int index, Worker worker) {
        if (worker.isIdle()) {
            return before;
        }
        return switch (worker.flow().step()) {
            case CAPTURE, COMPLETE, GIVE_BACK ->
                before.with(new Late(worker.flow().step(), worker.epoch(), worker.memory(), worker.counts(), false));
            case DELIVER -> {
                World rows = worker.first() == Op.SENT ? leaveRows(before, worker) : before;
                boolean open = worker.second() == Op.SENT || worker.second() == Op.HALF;
                yield open ? leaveRecords(rows, worker) : rows;
            }
            default -> before;
        };
    }

    private static World leaveRows(World before, Worker worker) {
        return before.with(new Late(Step.DELIVER, worker.epoch(), worker.memory(), true, false));
    }

    private static World leaveRecords(World before, Worker worker) {
        return before.with(new Late(Step.DELIVER, worker.epoch(), worker.memory(), false, worker.second() == Op.HALF));
    }

    private record Answer(World world, boolean ok) {}

    private Answer ask(World before, Step step, long epoch, Content content, boolean counts) {
        PageMove move = switch (step) {
            case CAPTURE -> new PageMove.Capture(epoch, new Content(content.answer(), before.now()).facts());
            case COMPLETE -> new PageMove.Complete(epoch);
            case GIVE_BACK -> new PageMove.GiveBack(epoch, counts, Duration.ZERO, "");
            default -> throw new IllegalArgumentException(step.name());
        };
        return answered(before, rules.decide(before.page(), move, Instant.ofEpochMilli(before.now())));
    }

    private Answer store(World before, long epoch, Content content) {
        Decision decision = rules.decide(before.page(), new PageMove.Store(epoch), NOW);
        Answer answer = answered(before, decision);
        return decision instanceof Next ? new Answer(answer.world().withRows(content), true) : answer;
    }

    private static Answer answered(World before, Decision decision) {
        if (decision instanceof Next next) {
            return new Answer(before.with(next.page()), true);
        }
        return new Answer(before, !(decision instanceof Refused));
    }

    static boolean isEnd(World world) {
        PageEntry page = world.page();
        return page.state() == PageState.COMPLETE
                || page.state() == PageState.QUARANTINED
                || page.facts() == null && !page.wanted();
    }
}
