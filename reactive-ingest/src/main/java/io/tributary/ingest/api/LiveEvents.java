package io.tributary.ingest.api;

import io.tributary.ingest.live.Live;
import java.nio.charset.StandardCharsets;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;

/**
 * What those who watch are told, as server-sent events. All share one snapshot every {@code limits.look()}, made and written
 * once; nobody looks when nobody watches. A watcher that is slow gets the newest next and what was between never.
 */
final class LiveEvents {
    private final Flux<String> shared;

    LiveEvents(Live live, ApiLimits limits, Scheduler scheduler) {
        this.shared = live.watch(limits.look(), scheduler)
                .map(seen -> "event: snapshot\ndata: "
                        + RunJson.bytes(LiveJson.snapshot(seen)).toString(StandardCharsets.UTF_8) + "\n\n")
                .replay(1)
                .refCount();
    }

    /** Cold, one for each watcher; never ends. */
    Flux<String> watch() {
        return shared.onBackpressureLatest();
    }
}
