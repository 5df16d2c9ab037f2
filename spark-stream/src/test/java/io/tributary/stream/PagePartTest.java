package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tributary.schemas.Digest;
import io.tributary.schemas.UserEvent;
import io.tributary.schemas.UserEventEncoder;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class PagePartTest {
    private static final UUID RUN = UUID.fromString("6d1f9a52-54a3-4c53-9d52-1b1df5c5a2f1");

    @Test
    void everythingThatIsCountedComesBackFromThePackedBytes() {
        // Given
        List<UserEvent> page = Pages.page(RUN, 9, 5_000, new Random(3));
        // When
        byte[] packed = pack(page).get(0);
        PagePart part = PagePart.of(packed);
        // Then
        byte[] key = PagePart.keyOf(packed);
        assertThat(PagePart.runOf(key)).isEqualTo(RUN);
        assertThat(PagePart.pageOf(key)).isEqualTo(9);
        assertThat(part.pageUsers()).isEqualTo(5_000);
        assertThat(Micros.instant(part.capturedAtMicros()))
                .isEqualTo(page.get(0).capturedAt());
        assertThat(packed).hasSize(30 + 14 * 5_000);
        UserEventEncoder encoder = new UserEventEncoder();
        for (int i = 0; i < page.size(); i++) {
            UserEvent event = page.get(i);
            Integer age = event.user().age();
            assertThat(part.position(i)).isEqualTo(event.position());
            assertThat(part.age(i)).isEqualTo(age == null ? PagePart.NO_AGE : age);
            assertThat(PagePart.Group.of(part.group(i)))
                    .isEqualTo(new PagePart.Group(
                            event.user().nationality(), event.user().gender()));
            assertThat(part.hash(i)).isEqualTo(Digest.hashOf(encoder.body(event)));
        }
    }

    @Test
    void pagesAndCapturesThatDifferAreKeptApart() {
        // Given
        UserEvent user = Pages.page(RUN, 1, 10, new Random(3)).get(0);
        UserEvent otherPage = Pages.moved(user, 2, 0, 10, user.capturedAt());
        UserEvent otherSize = Pages.moved(user, 1, 0, 11, user.capturedAt());
        UserEvent otherTime = Pages.moved(user, 1, 0, 10, user.capturedAt().plusMillis(1));
        // When
        List<byte[]> parts = pack(List.of(user, otherPage, otherSize, otherTime, user));
        // Then
        assertThat(parts).hasSize(4);
    }

    @Test
    void bytesThatAreNoPartAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> PagePart.of(new byte[29]));
        assertThatIllegalArgumentException().isThrownBy(() -> PagePart.of(new byte[31]));
    }

    private static List<byte[]> pack(List<UserEvent> events) {
        PagePart.Packer packer = new PagePart.Packer();
        events.forEach(packer::add);
        List<byte[]> parts = new ArrayList<>();
        for (Iterator<byte[]> each = packer.parts(); each.hasNext(); ) {
            parts.add(each.next());
        }
        return parts;
    }
}
