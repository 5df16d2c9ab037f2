package io.tributary.embedded;

import io.tributary.embedded.EmbeddedStack.Part;
import java.util.List;
import java.util.Map;

/** How one part is run: what {@link Supervisor} needs to start it, to know it is ready, and to start it again. */
interface Server {
    Part part();

    /** Puts everything in place that the command needs; runs before each start and may find a half-made state of before. */
    void prepare() throws Exception;

    List<String> command() throws Exception;

    default Map<String, String> environment() {
        return Map.of();
    }

    default Leash.Stop stop() {
        return Leash.Stop.TERM;
    }

    /** How long it is tried. */
    default Supervisor.Patience patience() {
        return Supervisor.Patience.USUAL;
    }

    /**
     * Asks the server itself, and creates in it what others expect there; idempotent. Returns once it is ready, throws while it
     * is not; one call takes seconds at most, so that the end of the process is noticed.
     */
    void awaken() throws Exception;
}
