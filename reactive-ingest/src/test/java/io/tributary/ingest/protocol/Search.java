package io.tributary.ingest.protocol;

import io.tributary.ingest.model.PageState;
import io.tributary.ingest.protocol.Moves.Move;
import io.tributary.ingest.protocol.World.Content;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Breadth first over everything that can happen, so that the first trace to a violation is a shortest one. */
final class Search {
    /** What must never be. */
    enum Violation {
        USER_MISSING,
        TWO_CONTENTS,
        TWO_EVENT_TIMES,
        FACTS_CHANGED,
        NO_END
    }

    private static final int LONGEST_WAY = 200;

    /** How a state was first reached, and where it goes when nothing disturbs. */
    private static final class Step {
        private final World before;
        private final String what;
        private World undisturbed;

        Step(World before, String what) {
            this.before = before;
            this.what = what;
        }
    }

    /** What a search found. */
    record Report(int states, long moves, Map<Violation, Integer> violations, Map<Violation, List<String>> traces) {}

    private final Rules rules;
    private final int enough;
    private final boolean mirrors;
    private final Map<World, Step> reached = new HashMap<>();
    private final Map<Violation, Integer> violations = new EnumMap<>(Violation.class);
    private final Map<Violation, List<String>> traces = new EnumMap<>(Violation.class);
    private final Set<World> ending = new HashSet<>();
    private final Map<Object, Object> parts = new HashMap<>();
    private long moves;

    private Search(Rules rules, int enough, boolean mirrors) {
        this.rules = rules;
        this.mirrors = mirrors;
        this.enough = enough;
    }

    /** All of it. States that differ in the workers' names only are one. */
    static Report whole(Rules rules) {
        return new Search(rules, Integer.MAX_VALUE, true).run();
    }

    /** So many states of a mutant, with names that stay, so that its traces can be read. */
    static Report beginning(Rules rules, int states) {
        return new Search(rules, states, false).run();
    }

    private Report run() {
        ArrayDeque<World> open = new ArrayDeque<>();
        World start = World.start().named();
        reached.put(start, new Step(start, "start"));
        open.add(start);
        while (!open.isEmpty() && reached.size() < enough) {
            World world = open.poll();
            List<Move> all = Moves.from(rules, world);
            reached.get(world).undisturbed = undisturbed(all);
            for (Move move : all) {
                moves++;
                World next = move.next();
                if (!reached.containsKey(next) && !(mirrors && reached.containsKey(next.mirrored()))) {
                    next = shared(next);
                    reached.put(next, new Step(world, move.what()));
                    open.add(next);
                    check(world, next);
                }
            }
        }
        if (open.isEmpty()) {
            reached.keySet().forEach(this::checkEnds);
        }
        return new Report(reached.size(), moves, violations, traces);
    }

    private void check(World before, World world) {
        CaptureFacts facts = world.page().facts();
        if (before.page().facts() != null && !before.page().facts().equals(facts)) {
            found(Violation.FACTS_CHANGED, world);
        }
        int captured = facts == null ? 0 : Content.of(facts).bit();
        int everywhere = captured | world.rows() | world.log() & 0xff | world.log() >> 8;
        int answers = (everywhere & 0b0011) == 0 ? 0 : 1;
        answers += (everywhere & 0b1100) == 0 ? 0 : 1;
        if (answers > 1) {
            found(Violation.TWO_CONTENTS, world);
        }
        if ((everywhere & 0b0101) != 0 && (everywhere & 0b1010) != 0) {
            found(Violation.TWO_EVENT_TIMES, world);
        }
        boolean missing = world.rows() == 0 || (world.log() & 0xff) == 0 || world.log() >> 8 == 0;
        if (world.page().state() == PageState.COMPLETE && missing) {
            found(Violation.USER_MISSING, world);
        }
    }

    /** When faults stop, and time goes on only where everybody waits for it, the page must reach its end. */
    private void checkEnds(World from) {
        List<World> way = new ArrayList<>();
        World at = from;
        while (at != null && !Moves.isEnd(at) && !ending.contains(at) && way.size() < LONGEST_WAY) {
            way.add(at);
            World next = step(at).undisturbed;
            at = next;
        }
        if (at == null || way.size() >= LONGEST_WAY) {
            found(Violation.NO_END, from);
        } else {
            ending.addAll(way);
        }
    }

    private Step step(World world) {
        Step step = reached.get(world);
        return step == null ? reached.get(world.mirrored()) : step;
    }

    private static World undisturbed(List<Move> all) {
        World expired = null;
        for (Move move : all) {
            if (!move.fault()) {
                return move.next();
            }
            if (move.what().equals(Moves.EXPIRES)) {
                expired = move.next();
            }
        }
        return expired;
    }

    private void found(Violation violation, World world) {
        violations.merge(violation, 1, Integer::sum);
        traces.computeIfAbsent(violation, first -> traceTo(world));
    }

    private List<String> traceTo(World end) {
        List<String> trace = new ArrayList<>();
        World at = end;
        while (!reached.get(at).before.equals(at)) {
            trace.add(reached.get(at).what);
            at = reached.get(at).before;
        }
        Collections.reverse(trace);
        return trace;
    }

    /** One copy of equal parts: most states differ in one. */
    private World shared(World world) {
        return new World(
                part(world.page()),
                part(world.one()),
                part(world.two()),
                part(world.late()),
                world.rows(),
                world.log(),
                world.now());
    }

    @SuppressWarnings("unchecked")
    private <T> T part(T one) {
        return (T) parts.computeIfAbsent(one, same -> same);
    }
}
