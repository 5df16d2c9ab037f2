package io.tributary.etl;

/** The end of the JVM. */
final class Hooks {
    private Hooks() {}

    /** For a hook that is wanted for a while only. Does nothing once the JVM is ending: the hook then runs, or has run. */
    static void remove(Thread hook) {
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
        } catch (IllegalStateException e) {
            return true;
        }
        remove(probe);
        return false;
    }
}
