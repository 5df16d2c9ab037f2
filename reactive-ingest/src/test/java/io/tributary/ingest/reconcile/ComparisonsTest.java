package io.tributary.ingest.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingest.reconcile.Reconciliation.Drift;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ComparisonsTest {
    @Test
    void aBrokenStoreDoesNotHideAnother() {
        // When
        List<Drift> told =
                Comparisons.fairly(List.of(drift("postgres", 100), drift("kafka", 100), drift("cassandra", 2)));
        // Then
        assertThat(told).hasSize(Reconciliation.MAX_DRIFT);
        assertThat(told.stream().collect(Collectors.groupingBy(Drift::store, Collectors.counting())))
                .containsEntry("postgres", 49L)
                .containsEntry("kafka", 49L)
                .containsEntry("cassandra", 2L);
    }

    @Test
    void driftIsToldByStoreThenPageThenPosition() {
        // When
        List<Drift> told = Comparisons.fairly(List.of(
                List.of(new Drift("postgres", 2, 5, ""), new Drift("postgres", 1, 9, "")),
                List.of(new Drift("kafka", 2, 5, ""), new Drift("kafka", 2, null, "")),
                List.of()));
        // Then
        assertThat(told)
                .containsExactly(
                        new Drift("postgres", 1, 9, ""),
                        new Drift("postgres", 2, 5, ""),
                        new Drift("kafka", 2, null, ""),
                        new Drift("kafka", 2, 5, ""));
    }

    @Test
    void aLostResponseIsSaidOnce() {
        // Given
        Comparisons comparisons = new Comparisons(Sample.of(10, 10).run(), true);
        // When
        comparisons.responseLost(1);
        comparisons.responseLost(1);
        // Then
        assertThat(comparisons.result().drift())
                .containsExactly(new Drift("postgres", 1, null, "stored response is not what was captured"));
        assertThat(comparisons.result().equal()).isFalse();
    }

    private static List<Drift> drift(String store, int pages) {
        return IntStream.rangeClosed(1, pages)
                .mapToObj(page -> new Drift(store, page, null, "page missing"))
                .toList();
    }
}
