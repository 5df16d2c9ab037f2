package io.tributary.etl;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackFailed;
import io.tributary.embedded.StackListener;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;

/** Tells what happens to the parts: a line each, and on a terminal who is still awaited. */
final class StackStart implements StackListener, Console.View {
    private final Console console;
    private final Path logs;
    private final Path here;
    private final LongSupplier nanos;
    private final long beganNs;
    private final Set<Part> all;
    private final Set<Part> awaited;
    private final Map<Part, Duration> first = new EnumMap<>(Part.class);

    StackStart(Console console, Path logs, Path here, Set<Part> parts, LongSupplier nanos) {
        this.console = console;
        this.logs = logs;
        this.here = here;
        this.nanos = nanos;
        this.beganNs = nanos.getAsLong();
        this.all = EnumSet.copyOf(parts);
        this.awaited = EnumSet.copyOf(parts);
    }

    int count() {
        return all.size();
    }

    private static String names(Set<Part> parts) {
        return parts.stream().map(Part::label).collect(Collectors.joining(", "));
    }

    @Override
    public void ready(Part part, Duration took) {
        boolean again;
        synchronized (this) {
            awaited.remove(part);
            again = first.putIfAbsent(part, took) != null;
        }
        console.say(String.format(
                Locale.ROOT,
                "%-9s  %s after %6s  %s",
                part.label(),
                again ? "ready again" : "ready",
                Text.seconds(took),
                Text.path(logs.resolve(part.label() + ".log"), here)));
    }

    @Override
    public void died(Part part, int exit, Path log, Duration restartIn) {
        console.say(part.label() + " ended by itself (exit " + exit + "), started again in " + Text.seconds(restartIn)
                + "; its log: " + Text.path(log, here));
    }

    @Override
    public void broken(StackFailed failure) {
        // told once, by whoever ends the command because of it
    }

    /** Adds {@code "parts":{"postgres":5.2,..}}, seconds until each was ready for the first time. */
    synchronized void addSeconds(ObjectNode seconds) {
        ObjectNode parts = seconds.putObject("parts");
        first.forEach((part, took) -> parts.put(part.label(), Text.exact(took)));
    }

    @Override
    public synchronized List<AttributedString> lines(int columns, boolean fancy) {
        long seconds = Duration.ofNanos(nanos.getAsLong() - beganNs).toSeconds();
        return List.of(line("waiting " + seconds + " s for " + names(awaited)));
    }

    static AttributedString line(String text) {
        return new AttributedString(text, AttributedStyle.DEFAULT.faint());
    }
}
