package io.tributary.ingest.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingest.reconcile.PageSums.CountedPage;
import io.tributary.ingest.reconcile.PageSums.Share;
import io.tributary.ingest.reconcile.Reconciliation.Drift;
import io.tributary.schemas.Digest;
import org.junit.jupiter.api.Test;

class WindowSharesTest {
    private static final Sample RUN = Sample.of(20, 10);
    private static final Slice SLICE = RUN.slice();

    private final WindowShares windows = new WindowShares();
    private final Comparison cassandra = new Comparison("cassandra");

    @Test
    void windowsThatHoldAllUsersOfAPageAreWithoutDrift() {
        // Given
        windows.counted(page(1, 10));
        windows.share(new Share(1, 4));
        windows.share(new Share(1, 6));
        // When
        windows.compare(SLICE, cassandra);
        // Then
        assertThat(cassandra.driftTotal()).isZero();
        assertThat(windows.windows()).containsExactly(Sample.WINDOW_START);
    }

    @Test
    void usersThatAreMissingInTheWindowsAreNamedWithTheirPage() {
        // Given
        windows.counted(page(1, 10));
        windows.counted(page(2, 10));
        windows.share(new Share(1, 10));
        windows.share(new Share(2, 9));
        // When
        windows.compare(SLICE, cassandra);
        // Then
        assertThat(cassandra.drift())
                .containsExactly(new Drift(
                        "cassandra", 2, null, "window_users: the page's windows hold 9 of its 10 counted users"));
    }

    @Test
    void aChangedPageSumDoesNotBlameTheWindows() {
        // Given
        windows.counted(page(1, 9));
        windows.share(new Share(1, 10));
        // When
        windows.compare(SLICE, cassandra);
        // Then
        assertThat(cassandra.driftTotal()).isZero();
    }

    @Test
    void aPageThatIsCountedShortEverywhereDoesNotBlameTheWindows() {
        // Given
        windows.counted(page(1, 3));
        windows.share(new Share(1, 3));
        // When
        windows.compare(SLICE, cassandra);
        // Then
        assertThat(cassandra.driftTotal()).isZero();
    }

    private static CountedPage page(int page, long users) {
        return new CountedPage(page, new Digest(users, 1), Sample.WINDOW_START);
    }
}
