package io.tributary.perf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.embedded.StackOptions;

/** One question, asked of a stack that was started for it alone. */
interface Scenario {
    /** Its number and name, as the page beside it is named. */
    String name();

    /** The stack that it needs; all of it, where it says nothing. */
    default StackOptions stack(StackOptions plain, Wishes wishes) {
        return plain;
    }

    /** Answers into {@code figures}: rates a second, times in milliseconds, CPU in seconds. */
    void measure(Bench bench, Wishes wishes, ObjectNode figures) throws Exception;
}
