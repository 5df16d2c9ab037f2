package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.schemas.Digest;
import io.tributary.schemas.UserEvent;
import io.tributary.schemas.UserEventEncoder;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class PageCounterTest {
    private static final UUID RUN = UUID.fromString("6d1f9a52-54a3-4c53-9d52-1b1df5c5a2f1");

    @Test
    void theFirstBodyAtAPositionCounts() {
        // Given
        List<UserEvent> page = Pages.page(RUN, 1, 10, new Random(1));
        UserEvent other = Pages.changed(page.get(4), Pages.user(new Random(99), "Somebody"));
        PageCounter counter = PageCounter.of(null, part(page));
        counter.add(part(page));
        // When
        PageCounter later = PageCounter.of(counter.pack(), part(List.of(other)));
        later.add(part(List.of(other)));
        // Then
        assertThat(later.isChanged()).isFalse();
        assertThat(later.digest()).isEqualTo(digest(page).sum());
    }

    @Test
    void aPartOfAnotherSizeOrTimeOfThePageIsLeftOut() {
        // Given
        List<UserEvent> page = Pages.page(RUN, 1, 10, new Random(1));
        UserEvent user = page.get(0);
        UserEvent larger = Pages.moved(user, 1, 4000, 5000, user.capturedAt());
        UserEvent later = Pages.moved(user, 1, 0, 10, user.capturedAt().plusSeconds(1));
        PageCounter counter = PageCounter.of(null, part(page));
        // When
        counter.add(part(List.of(larger)));
        counter.add(part(List.of(later)));
        // Then
        assertThat(counter.users()).isZero();
    }

    @Test
    void onlyGroupsThatGrewAreWrittenAgain() {
        // Given
        List<UserEvent> page = Pages.page(RUN, 1, 100, new Random(7));
        PageCounter counter = PageCounter.of(null, part(page));
        counter.add(part(page.subList(0, 99)));
        UserEvent last = page.get(99);
        // When
        PageCounter later = PageCounter.of(counter.pack(), part(page));
        later.add(part(page));
        // Then
        assertThat(later.changedGroups())
                .extracting(counted ->
                        counted.group().nationality() + counted.group().gender())
                .containsExactly(last.user().nationality() + last.user().gender());
        assertThat(later.users()).isEqualTo(100);
    }

    @Test
    void theLargestPageIsKeptWhole() {
        // Given
        List<UserEvent> page = Pages.page(RUN, 1, 5_000, new Random(7));
        PageCounter counter = PageCounter.of(null, part(page));
        counter.add(part(page));
        // When
        byte[] state = counter.pack();
        PageCounter read = PageCounter.of(state, part(page));
        // Then
        assertThat(read.pack()).isEqualTo(state).hasSizeLessThan(1_200);
        assertThat(read.users()).isEqualTo(5_000);
        assertThat(read.digest()).isEqualTo(digest(page).sum());
    }

    private static Digest digest(List<UserEvent> users) {
        UserEventEncoder encoder = new UserEventEncoder();
        Digest digest = Digest.EMPTY;
        for (UserEvent user : users) {
            digest = digest.plus(Digest.hashOf(encoder.body(user)));
        }
        return digest;
    }

    private static PagePart part(List<UserEvent> ofOnePage) {
        return PagePart.of(parts(ofOnePage).get(0));
    }

    private static List<byte[]> parts(List<UserEvent> events) {
        PagePart.Packer packer = new PagePart.Packer();
        events.forEach(packer::add);
        List<byte[]> parts = new ArrayList<>();
        for (Iterator<byte[]> each = packer.parts(); each.hasNext(); ) {
            parts.add(each.next());
        }
        return parts;
    }
}
