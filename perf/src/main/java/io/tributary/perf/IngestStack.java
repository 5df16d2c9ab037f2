package io.tributary.perf;

import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackOptions;
import java.util.Set;

/** The parts that ingest needs, compiled by both compilers: the launcher saves the second one for a short start. */
final class IngestStack {
    private static final Set<Part> PARTS = Set.of(Part.POSTGRES, Part.KAFKA, Part.REGISTRY, Part.SOURCE, Part.INGEST);
    private static final Set<Part> LONG_RUNNING = Set.of(Part.KAFKA, Part.SOURCE, Part.INGEST);

    private IngestStack() {}

    /** @param users that the source keeps prepared */
    static StackOptions of(StackOptions plain, int users) {
        StackOptions all = SourcePages.keep(plain.withParts(PARTS), users);
        for (Part part : LONG_RUNNING) {
            all = all.withJvm(part, "-XX:TieredStopAtLevel=4");
        }
        return all;
    }
}
