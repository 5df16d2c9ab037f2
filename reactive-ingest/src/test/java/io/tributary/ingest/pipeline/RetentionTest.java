package io.tributary.ingest.pipeline;

import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tributary.ingest.metrics.IngestMetrics;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.FetchedPage;
import io.tributary.ingest.model.Limits;
import io.tributary.ingest.sink.PageSink;
import io.tributary.ingest.source.PageSource;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/** P4: what a page has left behind is not held: operators keep what is upstream of them until their own end. */
class RetentionTest {
    private final List<WeakReference<Object>> bodies = new CopyOnWriteArrayList<>();
    private final List<WeakReference<Object>> pages = new CopyOnWriteArrayList<>();
    private final Disposable.Swap running = Disposables.swap();

    private final PageSource source = request -> Mono.fromSupplier(() -> {
        FetchedPage fetched = Pages.fetched(request);
        bodies.add(new WeakReference<>(fetched.body()));
        return fetched;
    });

    @AfterEach
    void stop() {
        running.dispose();
    }

    @Test
    void theResponseIsLetGoOnceItIsCaptured() {
        // Given
        work(1, done(), page -> Mono.never());
        // When Kafka stalls
        await().until(() -> pages.size() == 2);
        // Then
        awaitGone(bodies);
    }

    @Test
    void aFinishedPageIsLetGoByASlotThatWaitsForTheNext() {
        work(3, done(), done());
        await().until(() -> pages.size() == 6);
        awaitGone(bodies);
        awaitGone(pages);
    }

    @Test
    void aPageThatFailedIsLetGoToo() {
        work(1, page -> Mono.error(new IllegalStateException("planted")), done());
        await().until(() -> pages.size() == 2);
        awaitGone(pages);
    }

    private void work(int count, PageSink rows, PageSink topic) {
        IngestPipeline pipeline = new IngestPipeline(
                source,
                new ScriptedLedger(new ArrayList<>(), count),
                noting(rows),
                noting(topic),
                new Limits(3, 1024, 1024, Duration.ofSeconds(30), Duration.ofSeconds(30), 4),
                new IngestMetrics(new SimpleMeterRegistry()));
        running.update(pipeline.work().subscribe());
    }

    private static PageSink done() {
        return page -> Mono.empty();
    }

    /** The list, as the record that holds it is made anew here and there. */
    private PageSink noting(PageSink sink) {
        return page -> {
            pages.add(new WeakReference<>(first(page)));
            return sink.deliver(page);
        };
    }

    private static Object first(CapturedPage page) {
        return page.events().get(0);
    }

    private static void awaitGone(List<WeakReference<Object>> references) {
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            System.gc();
            return references.stream().allMatch(reference -> reference.refersTo(null));
        });
    }
}
