package io.tributary.etl;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** How things are written for people. */
final class Text {
    private Text() {}

    /** {@code 12,345}. */
    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** {@code 5.2 s}. */
    static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
    }

    /** Seconds with three digits, for JSON. */
    static double exact(Duration time) {
        return time.toMillis() / 1000.0;
    }

    /** Relative to where the user stands, when it is below. */
    static String path(Path path, Path here) {
        Path full = path.toAbsolutePath().normalize();
        Path base = here.toAbsolutePath().normalize();
        return full.startsWith(base) && !full.equals(base)
                ? base.relativize(full).toString()
                : full.toString();
    }

    /** What others wrote, without the characters that command a terminal (C0, C1, and those that turn the direction). */
    static String printable(String foreign) {
        StringBuilder clean = new StringBuilder(foreign.length());
        foreign.codePoints().forEach(c -> {
            int type = Character.getType(c);
            boolean hidden = type == Character.CONTROL || type == Character.FORMAT || type == Character.SURROGATE;
            clean.appendCodePoint(hidden ? ' ' : c);
        });
        return clean.toString();
    }
}
