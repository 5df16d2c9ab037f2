package io.tributary.randomuser;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The faults still to strike. For several threads. */
final class FaultQueue {
    private static final int MOST_FAULTS = 10_000;

    private final List<Armed> armed = new ArrayList<>();

    /** What strikes one request: at most one fault that decides how it is answered, and all due ones of its content. */
    record Strike(Optional<Fault> instead, List<Fault> content, Optional<Fault> delivery) {
        boolean none() {
            return instead.isEmpty() && content.isEmpty() && delivery.isEmpty();
        }
    }

    private static final class Armed {
        final Fault fault;
        int passed;
        int struck;

        Armed(Fault fault) {
            this.fault = fault;
        }

        boolean spent() {
            return fault.times() > 0 && struck == fault.times();
        }

        /** Counts the request, and says whether the fault strikes it. */
        boolean strikes() {
            if (passed < fault.after()) {
                passed++;
                return false;
            }
            struck++;
            return true;
        }
    }

    synchronized void replace(List<Fault> faults) {
        if (faults.size() > MOST_FAULTS) {
            throw new IllegalArgumentException("at most " + MOST_FAULTS + " faults");
        }
        armed.clear();
        faults.forEach(fault -> armed.add(new Armed(fault)));
    }

    synchronized int remaining() {
        return armed.size();
    }

    synchronized Strike next(int page, String seed) {
        Optional<Fault> instead = Optional.empty();
        Optional<Fault> delivery = Optional.empty();
        List<Fault> content = new ArrayList<>();
        for (Armed candidate : armed) {
            Fault fault = candidate.fault;
            boolean taken = instead.isPresent()
                    || (fault.kind().stage == FaultKind.Stage.DELIVERY && delivery.isPresent())
                    || (fault.kind().stage == FaultKind.Stage.INSTEAD && (delivery.isPresent() || !content.isEmpty()));
            boolean matches = fault.page().map(only -> only == page).orElse(true)
                    && fault.seed().map(seed::equals).orElse(true);
            if (taken || !matches || !candidate.strikes()) {
                continue;
            }
            switch (fault.kind().stage) {
                case INSTEAD -> instead = Optional.of(fault);
                case CONTENT -> content.add(fault);
                case DELIVERY -> delivery = Optional.of(fault);
            }
        }
        armed.removeIf(Armed::spent);
        return new Strike(instead, content, delivery);
    }
}
