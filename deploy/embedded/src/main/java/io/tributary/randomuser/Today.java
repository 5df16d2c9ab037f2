package io.tributary.randomuser;

import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;

/** The day ages are counted to: the clock's in UTC, unless one is set. For several threads. */
final class Today {
    private final Clock clock;
    private volatile Optional<LocalDate> fixed;

    Today(Clock clock, Optional<LocalDate> fixed) {
        this.clock = clock;
        this.fixed = fixed;
    }

    LocalDate date() {
        return fixed.orElseGet(() -> LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC));
    }

    /** @param date empty follows the clock again */
    void set(Optional<LocalDate> date) {
        fixed = date;
    }
}
