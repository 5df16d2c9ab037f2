package io.tributary.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.tributary.ingest.model.CapturedPage;
import io.tributary.ingest.model.Lease;
import io.tributary.ingest.sink.postgres.UserRows;
import io.tributary.schemas.UserEventEncoder;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * What a user costs in memory from the bytes of its page to the bytes for both sinks: the measure of speed that holds on any machine,
 * however busy. {@code perf} has the times.
 */
class HotPathAllocationTest {
    private static final int USERS = 1_000;
    private static final Instant TIME = Instant.parse("2026-01-01T00:00:00Z");
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Seen: 2,908, of which 1,900 are the typed and encoded user that {@code Limits} counts with. */
    private static final long MOST_BYTES_A_USER = 3_200;

    private final byte[] body = Bodies.bytes(Bodies.pageOf(USERS));

    @Test
    void aUserAllocatesLittleFromItsPageToBothSinks() {
        // Given tables, buffers and code that are there after some pages
        LongStream.range(0, 20).forEach(page -> allocated());
        // When
        long bytes = LongStream.range(0, 5).map(page -> allocated()).min().orElseThrow();
        // Then
        assertThat(bytes / USERS).isLessThan(MOST_BYTES_A_USER);
    }

    private long allocated() {
        long thread = Thread.currentThread().getId();
        long before = THREADS.getThreadAllocatedBytes(thread);
        Lease lease = new Lease(Bodies.asked(USERS), 1, false, TIME, TIME.plusSeconds(1));
        CapturedPage page = CapturedPage.of(lease, TIME, PageParser.parse(lease.request(), body));
        page.events().forEach(event -> UserEventEncoder.framed(1, event.body()));
        UserRows.binary(page).doOnNext(ByteBuf::release).blockLast();
        return THREADS.getThreadAllocatedBytes(thread) - before;
    }
}
