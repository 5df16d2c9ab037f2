package io.tributary.perf;

import io.tributary.embedded.EmbeddedStack.Part;

/** The least that one part of the work costs on this machine: a bare tool, and the server that it talks to. */
interface Floor {
    String name();

    Part server();

    /** Brings so many users there. */
    void run(int users) throws Exception;
}
