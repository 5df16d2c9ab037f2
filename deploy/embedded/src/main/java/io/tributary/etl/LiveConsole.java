package io.tributary.etl;

import java.io.IOError;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.Display;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.ShutdownHooks;

/** A terminal. JLine knows its size and how to move its cursor; {@code NO_COLOR} is honoured. */
final class LiveConsole implements Console {
    private static final long REDRAW_MS = 200;

    private final Terminal terminal;
    private final Display display;
    private final boolean fancy;
    private final boolean plain;
    private final ScheduledExecutorService redraw;
    private final ShutdownHooks.Task leaving;
    private Optional<View> view = Optional.empty();
    private boolean hushed;
    private boolean closed;

    private LiveConsole(Terminal terminal, ShutdownHooks.Task leaving, boolean plain) {
        this.leaving = leaving;
        this.terminal = terminal;
        this.display = new Display(terminal, false);
        this.plain = plain;
        Charset charset = terminal.encoding();
        this.fancy = charset.newEncoder().canEncode('━');
        this.redraw = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "etl-redraw");
            thread.setDaemon(true);
            return thread;
        });
        var unused = redraw.scheduleWithFixedDelay(this::draw, REDRAW_MS, REDRAW_MS, TimeUnit.MILLISECONDS);
    }

    /** Empty where standard error is no terminal, or one that can not move its cursor. */
    static Optional<LiveConsole> open() {
        if ("dumb".equals(System.getenv("TERM"))) {
            return Optional.empty();
        }
        // JLine closes its terminal as soon as the JVM begins to end. Its hooks run in the order they came, so ours
        // comes first;
        // it must be quick, since nobody can open or close a terminal meanwhile.
        AtomicReference<LiveConsole> opened = new AtomicReference<>();
        ShutdownHooks.Task leaving = ShutdownHooks.add(() -> {
            LiveConsole console = opened.get();
            if (console != null) {
                console.leave();
            }
        });
        try {
            Terminal terminal = terminal();
            boolean moves = terminal.getStringCapability(Capability.cursor_up) != null;
            if (moves && !terminal.getType().startsWith(Terminal.TYPE_DUMB)) {
                String noColor = System.getenv("NO_COLOR");
                LiveConsole console = new LiveConsole(terminal, leaving, noColor != null && !noColor.isEmpty());
                opened.set(console);
                return Optional.of(console);
            }
            terminal.close();
        } catch (IOException | IOError | IllegalStateException e) {
            // no native part for this system, for instance: a plain console does as well
        }
        ShutdownHooks.remove(leaving);
        return Optional.empty();
    }

    /** Without nativeSignals(false) JLine replaces the JVM's handler for Ctrl-C, and no shutdown hook would run. */
    private static Terminal terminal() throws IOException {
        return TerminalBuilder.builder()
                .system(true)
                .systemOutput(TerminalBuilder.SystemOutput.SysErr)
                .nativeSignals(false)
                .dumb(true)
                .build();
    }

    @Override
    public synchronized void say(String line) {
        if (!hushed) {
            write(line);
        }
    }

    @Override
    public synchronized void lastWord(String line) {
        view = Optional.empty();
        write(line);
    }

    private void write(String line) {
        if (closed) {
            System.err.println(line);
            return;
        }
        display.update(List.of(), 0);
        terminal.writer().println(line);
        draw();
    }

    @Override
    public synchronized void show(Optional<View> shown) {
        view = shown;
        draw();
    }

    private synchronized void draw() {
        if (closed) {
            return;
        }
        int columns = Math.max(terminal.getWidth(), 20);
        int rows = Math.max(terminal.getHeight(), 5);
        display.resize(rows, columns);
        List<AttributedString> lines = new ArrayList<>();
        // The last column stays free: many terminals wrap when it is written.
        view.ifPresent(v -> v.lines(columns - 1, fancy).stream()
                .limit(rows - 1)
                .map(line -> line.columnSubSequence(0, columns - 1))
                .map(line -> plain ? new AttributedString(line.toString()) : line)
                .forEach(lines::add));
        display.update(lines, lines.isEmpty() ? 0 : -1);
        terminal.flush();
    }

    @Override
    public boolean isLive() {
        return true;
    }

    @Override
    public synchronized void hush() {
        hushed = true;
    }

    @Override
    public void close() {
        leave();
        redraw.shutdownNow();
        ShutdownHooks.remove(leaving);
        try {
            terminal.close(); // not in our monitor: it waits for JLine's hooks, of which leave() is one
        } catch (IOException e) {
            System.err.println("etl: the terminal can not be left as it was: " + e.getMessage());
        }
    }

    /** Removes what is drawn in place; later lines are plain ones, the terminal being closed. */
    private synchronized void leave() {
        if (!closed) {
            view = Optional.empty();
            draw();
            closed = true;
        }
    }
}
