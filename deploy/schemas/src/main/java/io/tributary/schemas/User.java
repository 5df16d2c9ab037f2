package io.tributary.schemas;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One user as the source answered it, typed, without credentials. Null where the source left a field out.
 *
 * <p>Every text can be held by every store: no {@code \u0000}, no lone surrogate. Instants are whole milliseconds, ages 0
 * to 150 years, coordinates degrees.
 *
 * @param userId the source's {@code login.uuid}; an attribute, not a key: it repeats at scale
 * @param nationality two upper-case letters
 * @param gender {@code female} or {@code male}
 */
public record User(
        UUID userId,
        String nationality,
        String gender,
        @Nullable String title,
        @Nullable String firstName,
        @Nullable String lastName,
        @Nullable Integer streetNumber,
        @Nullable String streetName,
        @Nullable String city,
        @Nullable String state,
        @Nullable String country,
        @Nullable String postcode,
        @Nullable Double latitude,
        @Nullable Double longitude,
        @Nullable String timezoneOffset,
        @Nullable String timezone,
        @Nullable String email,
        @Nullable String username,
        @Nullable Instant bornAt,
        @Nullable Integer age,
        @Nullable Instant registeredAt,
        @Nullable Integer registeredAge,
        @Nullable String phone,
        @Nullable String cell,
        @Nullable String idName,
        @Nullable String idValue,
        @Nullable String picture) {}
