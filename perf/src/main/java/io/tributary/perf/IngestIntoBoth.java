package io.tributary.perf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackOptions;
import java.util.List;

/** Scenario 04; {@code perf/04-ingest.md} says what it asks. */
final class IngestIntoBoth implements Scenario {
    @Override
    public String name() {
        return "04-ingest";
    }

    @Override
    public StackOptions stack(StackOptions plain, Wishes wishes) {
        return IngestStack.of(plain, wishes.users);
    }

    @Override
    public void measure(Bench bench, Wishes wishes, ObjectNode figures) throws Exception {
        SourcePages pages = SourcePages.of(bench, wishes.users, wishes.pageSize);
        pages.fetch();
        for (int warmUp = 0; warmUp < Floors.WARM_UPS; warmUp++) {
            IngestRun.warmUp(bench, wishes.users, wishes.pageSize, SourcePages.seed());
        }
        IngestRun run = IngestRun.measured(bench, wishes.users, wishes.pageSize, SourcePages.seed());
        Cost ours = run.cost();
        ours.describe(figures.putObject("ingest"));
        bench.stop(Part.INGEST, Part.REGISTRY);
        if (wishes.floor) {
            try (Topics topics = bench.topics()) {
                List<Floor> floors =
                        List.of(CopyFloor.of(bench, run.id()), new ProducerFloor(topics), new FetchFloor(pages));
                Floors.measure(bench, floors, ours, figures.putObject("floors"));
            }
        }
        if (wishes.peer) {
            Peers.measure(bench, pages, ours, figures.putObject("peers"));
        }
    }
}
