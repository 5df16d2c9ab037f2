package io.tributary.etl;

import java.io.PrintStream;
import java.util.Optional;

/** Lines only: for files, pipes, CI and terminals that can not move their cursor. */
final class PlainConsole implements Console {
    private final PrintStream out;
    private boolean hushed;

    PlainConsole(PrintStream out) {
        this.out = out;
    }

    @Override
    public synchronized void say(String line) {
        if (!hushed) {
            out.println(line);
        }
    }

    @Override
    public void show(Optional<View> view) {}

    @Override
    public boolean isLive() {
        return false;
    }

    @Override
    public synchronized void hush() {
        hushed = true;
    }

    @Override
    public synchronized void lastWord(String line) {
        out.println(line);
    }

    @Override
    public void close() {
        out.flush();
    }
}
