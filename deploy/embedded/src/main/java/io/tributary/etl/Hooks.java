package io.tributary.etl;

/** What is to happen when the JVM ends before the command does: on Ctrl-C, SIGTERM and SIGHUP. */
final class Hooks implements AutoCloseable {
    private final Thread hook;

    private Hooks(Thread hook) {
        this.hook = hook;
    }

    static Hooks onEnd(Runnable action) {
        Thread hook = new Thread(action, "etl-end");
        Runtime.getRuntime().addShutdownHook(hook);
        return new Hooks(hook);
    }

    /** The command has ended by itself. Does nothing once the JVM is ending: the hook then runs, or has run. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the JVM is ending
        }
    }

    /** Whether the JVM is ending, by Ctrl-C for instance. */
    static boolean isEnding() {
        Thread probe = new Thread(() -> {});
        try {
            Runtime.getRuntime().addShutdownHook(probe);
            Runtime.getRuntime().removeShutdownHook(probe);
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }
}
