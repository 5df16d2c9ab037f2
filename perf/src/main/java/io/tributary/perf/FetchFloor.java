package io.tributary.perf;

import io.tributary.embedded.EmbeddedStack.Part;

/** The same pages by the JDK's HTTP client, compressed as they come, thrown away as they come. */
record FetchFloor(SourcePages pages) implements Floor {
    @Override
    public String name() {
        return "fetch";
    }

    @Override
    public Part server() {
        return Part.SOURCE;
    }

    @Override
    public void run(int users) throws Exception {
        pages.fetch();
    }
}
