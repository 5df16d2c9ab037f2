package io.tributary.ingest.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingest.model.PageSum;
import io.tributary.ingest.reconcile.Reconciliation.Drift;
import io.tributary.schemas.Digest;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static final Sample RUN = Sample.of(30, 10);
    private static final Slice SLICE = RUN.slice();

    private final Comparison comparison = new Comparison("postgres");

    @Test
    void aStoreThatHoldsTheSameIsWithoutDrift() {
        // When
        compare(RUN.content(1), RUN.content(2), RUN.content(3));
        // Then
        assertThat(comparison.driftTotal()).isZero();
        assertThat(comparison.suspects()).isEmpty();
        assertThat(comparison.digest()).isEqualTo(RUN.digest());
    }

    @Test
    void oneChangedFieldIsFoundAtItsPlace() {
        // Given
        PageContent changed = without(2, position -> position == 7);
        changed.add(7, Sample.hash(RUN.event(2, 7, "Other")));
        // When
        compare(RUN.content(1), changed, RUN.content(3));
        // Then
        assertThat(comparison.drift()).containsExactly(drift(2, 7, "user differs"));
        assertThat(comparison.digest().users()).isEqualTo(30);
        assertThat(comparison.digest()).isNotEqualTo(RUN.digest());
    }

    @Test
    void aMissingUserIsFoundAtItsPlace() {
        // When
        compare(RUN.content(1), without(2, position -> position == 0), RUN.content(3));
        // Then
        assertThat(comparison.drift()).containsExactly(drift(2, 0, "user missing"));
    }

    @Test
    void aPageThatIsNotThereIsOneDrift() {
        // When
        compare(RUN.content(1), RUN.content(3));
        // Then
        assertThat(comparison.drift()).containsExactly(drift(2, null, "page missing: 0 of 10 users"));
        assertThat(comparison.driftTotal()).isOne();
    }

    @Test
    void aPageThatTheLedgerDoesNotKnowIsDrift() {
        // Given
        PageContent phantom = SLICE.emptyPage(9);
        phantom.add(0, 77);
        phantom.add(4, 78);
        // When
        compare(RUN.content(1), RUN.content(2), RUN.content(3), phantom);
        // Then
        assertThat(comparison.drift())
                .containsExactly(drift(9, null, "page that the ledger has not captured: 2 users"));
        assertThat(comparison.digest().users()).isEqualTo(32);
    }

    @Test
    void aPageWithoutUsersNeedsNoPlaceInTheStore() {
        // Given
        Map<Integer, PageSum> sums = new TreeMap<>(RUN.sums());
        sums.put(2, new PageSum(2, 10, Sample.capturedAt(2), Digest.EMPTY));
        Slice slice = new Slice(RUN.run(), 1, 3, sums);
        // When
        comparison.page(slice, RUN.content(1));
        comparison.page(slice, RUN.content(3));
        comparison.end(slice);
        // Then
        assertThat(comparison.driftTotal()).isZero();
    }

    @Test
    void anIdenticalRepeatIsCountedAndIsNoDrift() {
        // Given
        PageContent repeated = RUN.content(2);
        repeated.add(3, Sample.hash(RUN.event(2, 3)));
        // When
        compare(RUN.content(1), repeated, RUN.content(3));
        // Then
        assertThat(comparison.driftTotal()).isZero();
        assertThat(comparison.records()).isEqualTo(31);
        assertThat(comparison.digest()).isEqualTo(RUN.digest());
    }

    @Test
    void aRepeatWithAnotherBodyIsDriftAndShowsInTheDigestOnce() {
        // Given
        long other = Sample.hash(RUN.event(2, 3, "Other"));
        PageContent repeated = RUN.content(2);
        repeated.add(3, other);
        repeated.add(3, other);
        // When
        compare(RUN.content(1), repeated, RUN.content(3));
        // Then
        assertThat(comparison.drift()).containsExactly(drift(2, 3, "two different records"));
        assertThat(comparison.digest()).isEqualTo(new Digest(30, RUN.digest().sum() + other));
    }

    @Test
    void aPositionOutsideOfThePageIsNamed() {
        // Given
        PageContent wider = RUN.content(2);
        wider.add(10, 77);
        wider.add(-1, 78);
        // When
        compare(RUN.content(1), wider, RUN.content(3));
        // Then
        assertThat(comparison.drift())
                .containsExactly(
                        drift(2, 10, "position outside of the page of 10"),
                        drift(2, -1, "position outside of the page of 10"));
        assertThat(comparison.digest().users()).isEqualTo(32);
    }

    @Test
    void aUserThatWasSetAsideAndIsThereAllTheSameIsNamed() {
        // Given
        PageContent original = without(2, position -> position == 5);
        Map<Integer, PageSum> sums = new TreeMap<>(RUN.sums());
        sums.put(2, new PageSum(2, 10, Sample.capturedAt(2), original.digest()));
        Slice slice = new Slice(RUN.run(), 1, 3, sums);
        // When
        comparison.page(slice, RUN.content(2));
        comparison.pinpoint(original);
        // Then
        assertThat(comparison.drift()).containsExactly(drift(2, 5, "user that was not captured"));
    }

    @Test
    void aUserWithValuesThatFitNoEventIsNamed() {
        // Given
        PageContent unreadable = without(2, position -> position == 5);
        unreadable.addUnreadable(5);
        // When
        compare(RUN.content(1), unreadable, RUN.content(3));
        // Then
        assertThat(comparison.drift()).containsExactly(drift(2, 5, "user holds values that fit no event"));
    }

    @Test
    void aSuspectWithoutItsStoredResponseIsNamedAsAPage() {
        // Given
        PageContent changed = without(2, position -> position == 7);
        comparison.page(SLICE, changed);
        // When
        comparison.pinpoint(new PageContent(2, 0));
        // Then
        assertThat(comparison.drift())
                .containsExactly(drift(
                        2,
                        null,
                        "page differs: " + changed.digest() + "; ledger "
                                + RUN.content(2).digest()));
    }

    @Test
    void aPageSumOfTheSameCountAndAnotherDigestIsDrift() {
        // Given
        Digest right = RUN.content(1).digest();
        Digest wrong = new Digest(right.users(), right.sum() + 1);
        // When
        comparison.sum(SLICE, 1, wrong);
        comparison.sum(SLICE, 2, RUN.content(2).digest());
        comparison.sum(SLICE, 4, wrong);
        comparison.end(SLICE);
        // Then
        assertThat(comparison.drift())
                .containsExactly(
                        drift(1, null, "page sum differs: " + wrong + "; ledger " + right),
                        drift(4, null, "page that the ledger has not captured: 10 users"),
                        drift(3, null, "page missing: 0 of 10 users"));
    }

    @Test
    void noMoreThanTheBoundIsKeptAndEachUserIsCounted() {
        // Given
        Sample large = Sample.of(500, 250);
        PageContent empty = new PageContent(1, 250);
        empty.add(0, 1);
        // When
        comparison.page(large.slice(), empty);
        comparison.pinpoint(large.content(1));
        // Then
        assertThat(comparison.drift()).hasSize(Reconciliation.MAX_DRIFT);
        assertThat(comparison.driftTotal()).isEqualTo(250);
    }

    @Test
    void pagesPastTheBoundAreCountedWithoutBeingHeld() {
        // Given
        Sample many = Sample.of(300, 2);
        Slice slice = many.slice();
        // When
        IntStream.rangeClosed(1, 150).forEach(page -> {
            PageContent half = new PageContent(page, 2);
            half.add(1, Sample.hash(many.event(page, 1)));
            comparison.page(slice, half);
        });
        List<Integer> held = List.copyOf(comparison.suspects());
        held.forEach(page -> comparison.pinpoint(many.content(page)));
        // Then
        assertThat(held).hasSize(Reconciliation.MAX_DRIFT);
        assertThat(comparison.driftTotal()).isEqualTo(150);
        assertThat(comparison.drift()).hasSize(Reconciliation.MAX_DRIFT).allMatch(drift -> drift.position() == 0);
    }

    private void compare(PageContent... pages) {
        for (PageContent page : pages) {
            comparison.page(SLICE, page);
        }
        comparison.end(SLICE);
        comparison.suspects().forEach(page -> comparison.pinpoint(RUN.content(page)));
    }

    private static PageContent without(int page, IntPredicate left) {
        PageContent content = new PageContent(page, RUN.pageUsers(page));
        RUN.events(page).stream()
                .filter(event -> !left.test(event.position()))
                .forEach(event -> content.add(event.position(), Sample.hash(event)));
        return content;
    }

    private static Drift drift(int page, Integer position, String what) {
        return new Drift("postgres", page, position, what);
    }
}
