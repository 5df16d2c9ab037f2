package io.tributary.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DigestTest {
    private final UserEventEncoder encoder = new UserEventEncoder();

    @Test
    void theOrderOfUsersDoesNotMatter() {
        // Given
        List<UserEvent> events = new ArrayList<>();
        for (int position = 0; position < 100; position++) {
            events.add(Events.event(1, position));
        }
        Digest inOrder = digest(events);
        Collections.shuffle(events, new Random(7));
        // When
        Digest shuffled = digest(events);
        // Then
        assertThat(shuffled).isEqualTo(inOrder);
    }

    @Test
    void aRepeatedUserAndAChangedFieldAreSeen() {
        Digest two = digest(List.of(Events.event(1, 0), Events.event(1, 1)));
        assertThat(digest(List.of(Events.event(1, 0), Events.event(1, 0))).sum())
                .isNotEqualTo(two.sum());
        assertThat(digest(List.of(Events.event(1, 0), Events.event(1, 1, "Zoé")))
                        .sum())
                .isNotEqualTo(two.sum());
    }

    @Test
    void pagesAddUpToTheirRun() {
        Digest first = digest(List.of(Events.event(1, 0)));
        Digest second = digest(List.of(Events.event(2, 0)));
        assertThat(first.plus(second)).isEqualTo(digest(List.of(Events.event(2, 0), Events.event(1, 0))));
    }

    @Test
    void theHashIsTheHeadOfSha256() {
        // sha256("abc") = ba7816bf 8f01cfea ... (FIPS 180-2, example B.1)
        long hash = Digest.hashOf("abc".getBytes(StandardCharsets.US_ASCII));
        assertThat(Digest.EMPTY.plus(hash).hex()).isEqualTo("ba7816bf8f01cfea");
    }

    private Digest digest(List<UserEvent> events) {
        return events.stream()
                .map(event -> Digest.EMPTY.plus(Digest.hashOf(encoder.body(event))))
                .reduce(Digest.EMPTY, Digest::plus);
    }
}
