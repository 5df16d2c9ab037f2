package io.tributary.ingest.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.ingest.model.IngestException.ReadFailed;
import io.tributary.ingest.reconcile.Reconciliation.Phantom;
import io.tributary.schemas.SchemaRegistry;
import io.tributary.schemas.UserEvent;
import io.tributary.schemas.UserEventEncoder;
import io.tributary.schemas.UserEventSchema;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class TopicPagesTest {
    private static final int SCHEMA = 1;
    private static final Sample RUN = Sample.of(30, 10);

    private final OtherRuns others = new OtherRuns();
    private final TopicPages pages =
            new TopicPages(RUN.slice(), others, id -> id == SCHEMA ? UserEventSchema.schema() : null);

    @Test
    void recordsAreSortedIntoTheirPagesWhateverTheirOrder() {
        // Given
        RUN.events(2).forEach(this::arrives);
        RUN.events(1).forEach(this::arrives);
        // When
        var contents = pages.contents();
        // Then
        assertThat(contents).extracting(PageContent::page).containsExactly(1, 2);
        assertThat(contents)
                .extracting(PageContent::digest)
                .containsExactly(RUN.content(1).digest(), RUN.content(2).digest());
    }

    @Test
    void otherRunsAreNotThisOnesAndAreCountedUpToABound() {
        // Given
        Sample other = Sample.of(30, 10);
        other.events(1).forEach(this::arrives);
        // When
        var contents = pages.contents();
        // Then
        assertThat(contents).isEmpty();
        assertThat(others.all()).containsExactly(new Phantom(other.run().id(), 10));
        IntStream.range(0, 2 * OtherRuns.MOST).forEach(run -> others.record(new UUID(1, run)));
        assertThat(others.all()).hasSize(OtherRuns.MOST);
    }

    @Test
    void valuesThatAreNoEventsArePassedOver() {
        // Given
        pages.accept(record(null));
        pages.accept(record("no event".getBytes(StandardCharsets.UTF_8)));
        pages.accept(record(UserEventEncoder.framed(SCHEMA, new byte[] {1, 2, 3})));
        pages.accept(record(UserEventEncoder.framed(99, body(RUN.event(1, 0)))));
        arrives(RUN.event(1, 4));
        // When
        var contents = pages.contents();
        // Then
        assertThat(contents)
                .singleElement()
                .satisfies(page -> assertThat(page.records()).isOne());
    }

    @Test
    void pagesThatNobodyPlannedAreKeptUpToABoundAndCountedPastIt() {
        // Given
        Sample wide = Sample.of(RUN.run().id(), 5_000, 10);
        IntStream.rangeClosed(101, 400).forEach(page -> arrives(wide.event(page, 0)));
        // When
        var contents = pages.contents();
        // Then
        assertThat(contents).hasSize(Reconciliation.MAX_DRIFT);
        assertThat(contents.stream().mapToLong(PageContent::records).sum()).isEqualTo(300);
    }

    @Test
    void aSliceInTheMiddleLeavesWhatIsOutsideToTheOthers() {
        // Given
        TopicPages middle =
                new TopicPages(new Slice(RUN.run(), 2, 2, RUN.sums()), others, id -> UserEventSchema.schema());
        // When
        for (int page : new int[] {0, 1, 2, 3, 4}) {
            middle.accept(record(UserEventEncoder.framed(SCHEMA, body(RUN.event(page, 0)))));
        }
        // Then
        assertThat(middle.contents()).extracting(PageContent::page).containsExactly(2);
    }

    @Test
    void aRegistryThatIsAwayIsAFailureAndNotARecordsFault() {
        // Given
        SchemaRegistry nobody = new SchemaRegistry(URI.create("http://127.0.0.1:1"), Duration.ofSeconds(5));
        TopicPages asking = new TopicPages(RUN.slice(), others, nobody, Duration.ofSeconds(10));
        // When
        assertThatThrownBy(() -> asking.accept(record(UserEventEncoder.framed(SCHEMA, body(RUN.event(1, 0))))))
                // Then
                .isInstanceOf(ReadFailed.class)
                .hasMessageContaining("kafka")
                .hasMessageContaining("registry");
    }

    private void arrives(UserEvent event) {
        pages.accept(record(UserEventEncoder.framed(SCHEMA, body(event))));
    }

    private static byte[] body(UserEvent event) {
        return new UserEventEncoder().body(event);
    }

    private static ConsumerRecord<byte[], byte[]> record(byte[] value) {
        return new ConsumerRecord<>("topic", 0, 0, new byte[0], value);
    }
}
