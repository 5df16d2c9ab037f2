package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.schemas.User;
import io.tributary.schemas.UserEvent;
import io.tributary.schemas.UserEventEncoder;
import io.tributary.schemas.UserEventSchema;
import io.tributary.stream.UserEvents.Refused;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class UserEventsTest {
    private static final Instant NOW = Instant.parse("2026-03-01T11:00:00Z");
    private static final UserEvent EVENT =
            Pages.page(new UUID(1, 1), 1, 10, new Random(1)).get(9);
    private final UserEvents events =
            new UserEvents(id -> id == 7 ? UserEventSchema.schema() : null, InstantSource.fixed(NOW));

    @Test
    void aRecordIsReadBackAsItWasWritten() throws Refused {
        assertThat(events.read(framed(EVENT))).isEqualTo(EVENT);
    }

    static Stream<UserEvent> impossible() {
        Instant at = EVENT.capturedAt();
        User user = EVENT.user();
        return Stream.of(
                Pages.moved(EVENT, 0, 9, 10, at),
                Pages.moved(EVENT, 1, 10, 10, at),
                Pages.moved(EVENT, 1, -1, 10, at),
                Pages.moved(EVENT, 1, 0, 0, at),
                Pages.moved(EVENT, 1, 0, 5_001, at),
                Pages.moved(EVENT, 1, 9, 10, Instant.parse("1999-12-31T23:59:59.999Z")),
                Pages.moved(EVENT, 1, 9, 10, NOW.plus(Duration.ofDays(1)).plusMillis(1)),
                Pages.moved(EVENT, 1, 9, 10, Instant.parse("2999-01-01T00:00:00Z")),
                Pages.changed(EVENT, of(user, "fr", "female", 3)),
                Pages.changed(EVENT, of(user, "FRA", "female", 3)),
                Pages.changed(EVENT, of(user, "FR", "", 3)),
                Pages.changed(EVENT, of(user, "FR", "female", -1)),
                Pages.changed(EVENT, of(user, "FR", "female", 151)));
    }

    @ParameterizedTest
    @MethodSource
    void impossible(UserEvent event) {
        assertThatThrownBy(() -> events.read(framed(event)))
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.reason()).isEqualTo("impossible"));
    }

    @Test
    void theLastPossibleMomentIsPossible() throws Refused {
        UserEvent tomorrow = Pages.moved(EVENT, 1, 9, 10, NOW.plus(Duration.ofDays(1)));
        assertThat(events.read(framed(tomorrow))).isEqualTo(tomorrow);
    }

    @Test
    void brokenBytesAreRefusedWithAReasonAndTheNextRecordIsRead() throws Refused {
        byte[] good = framed(EVENT);
        for (byte[] bad : List.of(
                new byte[0],
                new byte[] {1, 2, 3, 4, 5, 6},
                Arrays.copyOf(good, good.length - 1),
                Arrays.copyOf(good, good.length + 1))) {
            assertThatThrownBy(() -> events.read(bad)).isInstanceOf(Refused.class);
            assertThat(events.read(good)).isEqualTo(EVENT);
        }
    }

    @Test
    void anUnknownSchemaIsAskedForOnceASecond() {
        // Given
        AtomicInteger asked = new AtomicInteger();
        AtomicReference<Instant> now = new AtomicReference<>(NOW);
        UserEvents lonely = new UserEvents(
                id -> {
                    asked.incrementAndGet();
                    return null;
                },
                now::get);
        // When
        for (int millis : List.of(0, 0, 999, 1_000, 1_001)) {
            now.set(NOW.plusMillis(millis));
            assertThatThrownBy(() -> lonely.read(framed(EVENT)))
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused -> assertThat(refused.reason()).isEqualTo("unknown_schema"));
        }
        // Then
        assertThat(asked).hasValue(2);
    }

    @Test
    void aRegistryThatDoesNotAnswerIsNotTheRecordsFault() {
        UserEvents cutOff = new UserEvents(
                id -> {
                    throw new IllegalStateException("no registry");
                },
                InstantSource.fixed(NOW));
        assertThatThrownBy(() -> cutOff.read(framed(EVENT))).isInstanceOf(IllegalStateException.class);
    }

    private static byte[] framed(UserEvent event) {
        return UserEventEncoder.framed(7, new UserEventEncoder().body(event));
    }

    private static User of(User u, String nationality, String gender, Integer age) {
        return new User(
                u.userId(),
                nationality,
                gender,
                u.title(),
                u.firstName(),
                u.lastName(),
                u.streetNumber(),
                u.streetName(),
                u.city(),
                u.state(),
                u.country(),
                u.postcode(),
                u.latitude(),
                u.longitude(),
                u.timezoneOffset(),
                u.timezone(),
                u.email(),
                u.username(),
                u.bornAt(),
                age,
                u.registeredAt(),
                u.registeredAge(),
                u.phone(),
                u.cell(),
                u.idName(),
                u.idValue(),
                u.picture());
    }
}
