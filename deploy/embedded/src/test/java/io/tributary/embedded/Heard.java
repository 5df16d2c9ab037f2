package io.tributary.embedded;

import io.tributary.embedded.EmbeddedStack.Part;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what a listener was told, a line each. */
final class Heard implements StackListener {
    final List<String> lines = new CopyOnWriteArrayList<>();

    @Override
    public void starting(Part part) {
        lines.add(part.label() + " starting");
    }

    @Override
    public void ready(Part part, Duration took) {
        lines.add(part.label() + " ready");
    }

    @Override
    public void died(Part part, int exit, Path log, Duration restartIn) {
        lines.add(part.label() + " died with " + exit + ", log " + log);
    }

    @Override
    public void broken(StackFailed failure) {
        lines.add(failure.getMessage());
    }
}
