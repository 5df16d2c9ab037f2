package io.tributary.perf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackOptions;
import io.tributary.ingest.model.FetchedPage;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Scenarios 01 to 03: one station of ingest by itself, in this process. Their pages say what they ask. */
final class OneStation implements Scenario {
    static final Scenario SOURCE =
            new OneStation("01-source", Set.of(), (stations, pages, count) -> stations.fetch(count, 0));
    static final Scenario POSTGRES = new OneStation("02-postgres", Set.of(Part.POSTGRES), Stations::store);
    static final Scenario KAFKA = new OneStation("03-kafka", Set.of(Part.KAFKA, Part.REGISTRY), Stations::publish);

    private static final int WARM_UP_PAGES = 100;

    /** Held while they are stored or published again and again. */
    private static final int PAGES_HELD = 20;

    private final String name;
    private final Set<Part> servers;
    private final Work work;

    private OneStation(String name, Set<Part> servers, Work work) {
        this.name = name;
        this.servers = servers;
        this.work = work;
    }

    private interface Work {
        void run(Stations stations, List<FetchedPage> pages, int count) throws Exception;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public StackOptions stack(StackOptions plain, Wishes wishes) {
        Set<Part> parts = EnumSet.of(Part.SOURCE);
        parts.addAll(servers);
        return IngestStack.of(plain, wishes.users).withParts(parts);
    }

    @Override
    public void measure(Bench bench, Wishes wishes, ObjectNode figures) throws Exception {
        SourcePages pages = SourcePages.of(bench, wishes.users);
        pages.fetch();
        Stations stations = new Stations(bench);
        List<FetchedPage> held = stations.fetch(PAGES_HELD, PAGES_HELD);
        work.run(stations, held, Math.min(WARM_UP_PAGES, pages.pages()));
        int users = pages.pages() * SourcePages.PAGE_SIZE;
        Cost cost = bench.measure(users, meter -> work.run(stations, held, pages.pages()));
        cost.describe(figures.putObject(name.substring(name.indexOf('-') + 1)));
    }
}
