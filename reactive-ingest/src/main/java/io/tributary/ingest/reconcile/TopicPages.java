package io.tributary.ingest.reconcile;

import io.tributary.ingest.model.IngestException.ReadFailed;
import io.tributary.schemas.Digest;
import io.tributary.schemas.SchemaRegistry;
import io.tributary.schemas.UserEvent;
import io.tributary.schemas.UserEventDecoder;
import io.tributary.schemas.UserEventDecoder.Undecodable;
import io.tributary.schemas.UserEventEncoder;
import java.time.Duration;
import java.util.Collection;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records sorted into the pages of one slice; those of other runs are only counted. Holds 8 bytes for each user of the
 * slice, and of pages that the ledger does not know no more than {@link Reconciliation#MAX_DRIFT}.
 */
final class TopicPages implements Consumer<ConsumerRecord<byte[], byte[]>> {
    private static final Logger LOG = LoggerFactory.getLogger(TopicPages.class);

    private final Slice slice;
    private final OtherRuns others;
    private final UserEventDecoder decoder;
    private final UserEventEncoder encoder = new UserEventEncoder();
    private final TreeMap<Integer, PageContent> pages = new TreeMap<>();
    private int unknownPages;
    private @Nullable PageContent lastUnknown;
    private long undecodable;

    /** For values written with schemas of this registry, which is waited for. */
    TopicPages(Slice slice, OtherRuns others, SchemaRegistry registry, Duration timeout) {
        this(slice, others, id -> schema(registry, id, timeout));
    }

    TopicPages(Slice slice, OtherRuns others, IntFunction<@Nullable Schema> writerSchemas) {
        this.slice = slice;
        this.others = others;
        this.decoder = new UserEventDecoder(writerSchemas);
    }

    @Override
    public void accept(ConsumerRecord<byte[], byte[]> record) {
        try {
            UserEvent event = decoder.decode(record.value());
            if (!event.runId().equals(slice.run().id())) {
                others.record(event.runId());
            } else if (slice.covers(event.page())) {
                page(event.page()).add(event.position(), Digest.hashOf(encoder.body(event)));
            }
        } catch (Undecodable e) {
            undecodable++; // no event, so no run's: the stream sets it aside
        }
    }

    private PageContent page(int page) {
        PageContent known = pages.get(page);
        if (known != null) {
            return known;
        }
        boolean isUnknown = !slice.sums().containsKey(page);
        PageContent last = lastUnknown;
        if (isUnknown && unknownPages >= Reconciliation.MAX_DRIFT && last != null) {
            return last; // nobody reads the names of so many
        }
        PageContent made = slice.emptyPage(page);
        if (isUnknown) {
            unknownPages++;
            lastUnknown = made;
        }
        pages.put(page, made);
        return made;
    }

    /** What was found, by page. */
    Collection<PageContent> contents() {
        if (undecodable > 0) {
            LOG.info(
                    "run={} store=kafka undecodable={} passed over", slice.run().id(), undecodable);
        }
        return pages.values();
    }

    private static @Nullable Schema schema(SchemaRegistry registry, int id, Duration timeout) {
        try {
            return registry.byId(id)
                    .get(timeout.toMillis(), TimeUnit.MILLISECONDS)
                    .orElse(null);
        } catch (ExecutionException | TimeoutException e) {
            throw new ReadFailed("kafka could not be read: the registry does not tell schema " + id, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ReadFailed("kafka could not be read: interrupted", e);
        }
    }
}
