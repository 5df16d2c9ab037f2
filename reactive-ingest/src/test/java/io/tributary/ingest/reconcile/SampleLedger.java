package io.tributary.ingest.reconcile;

import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.StoreFailed;
import io.tributary.ingest.model.PageSum;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What a sample captured; pages may lose their stored response. */
final class SampleLedger implements CapturedPages {
    final AtomicInteger originals = new AtomicInteger();
    final Set<Integer> lost = new HashSet<>();
    private final Sample sample;

    SampleLedger(Sample sample) {
        this.sample = sample;
    }

    @Override
    public Flux<PageSum> captured(UUID runId, int from, int to) {
        return Flux.fromIterable(sample.sums().values()).filter(sum -> sum.page() >= from && sum.page() <= to);
    }

    @Override
    public Mono<Boolean> knows(UUID runId) {
        return Mono.just(runId.equals(sample.run().id()));
    }

    @Override
    public Mono<CapturedPage> original(UUID runId, int page) {
        return Mono.fromSupplier(() -> {
            originals.incrementAndGet();
            if (lost.contains(page)) {
                throw new StoreFailed(Kind.REJECTED, "not the one that was captured", null);
            }
            return sample.captured(page);
        });
    }
}
