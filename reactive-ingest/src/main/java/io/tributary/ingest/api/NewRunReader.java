package io.tributary.ingest.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.ingest.model.NewRun;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * From a body that the contract lets pass to a run that is valid: what is left to say of a member, mostly in the light of
 * another, is refused with 422 and its name. A member that may be left out may also be null.
 */
final class NewRunReader {
    /** Of randomuser.me 1.4; one that it does not know it ignores, and answers with all. */
    private static final Set<String> NATIONALITIES = Set.of(
            "AU", "BR", "CA", "CH", "DE", "DK", "ES", "FI", "FR", "GB", "IE", "IN", "IR", "MX", "NL", "NO", "NZ", "RS",
            "TR", "UA", "US");

    /** The source reads the last two of 18 characters as a nationality; it counts as Java does, in UTF-16. */
    private static final int NATIONALITY_SEED = 18;

    private static final int FIRST_YEAR = 2000;
    private static final int LAST_YEAR = 2100;

    private static final Duration LONGEST_RUN = Duration.ofDays(30);

    /** They are planned in one transaction, 100,000 in seconds. */
    private static final int MOST_PAGES = 100_000;

    private NewRunReader() {}

    /** @param json that the contract lets pass */
    static NewRun read(String idempotencyKey, JsonNode json) {
        Instant start = instant(json, "windowStart");
        Instant end = instant(json, "windowEnd");
        if (!end.isAfter(start)) {
            throw Problem.invalid("windowEnd", "expected an instant after windowStart");
        }
        int users = integer(json, "users");
        int pageSize = integer(json, "pageSize");
        if (users > (long) MOST_PAGES * pageSize) {
            throw Problem.invalid("pageSize", "expected at most 100,000 pages, so at least " + leastPageSize(users));
        }
        String seed = seed(json);
        String gender = gender(json);
        if (seed != null && gender != null) {
            throw Problem.invalid("gender", "not together with a seed: the source ignores it then");
        }
        return new NewRun(
                idempotencyKey, start, end, users, pageSize, seed, nationalities(json), gender, maxRunTime(json));
    }

    private static Instant instant(JsonNode json, String member) {
        String value = json.get(member).textValue();
        Instant instant;
        try {
            instant = OffsetDateTime.parse(value).toInstant();
        } catch (DateTimeException e) {
            throw Problem.invalid(member, "expected an instant with its zone, like 2026-01-01T00:00:00Z");
        }
        int year = instant.atOffset(ZoneOffset.UTC).getYear();
        if (year < FIRST_YEAR || year > LAST_YEAR) {
            throw Problem.invalid(member, "expected a year from 2000 to 2100");
        }
        if (!instant.equals(instant.truncatedTo(ChronoUnit.MILLIS))) {
            throw Problem.invalid(member, "expected whole milliseconds");
        }
        return instant;
    }

    /** To JSON Schema, 10.0 is an integer. */
    private static int integer(JsonNode json, String member) {
        if (!json.get(member).isIntegralNumber()) {
            throw Problem.invalid(member, "expected a whole number without fraction or exponent");
        }
        return json.get(member).intValue();
    }

    private static int leastPageSize(int users) {
        return (users - 1) / MOST_PAGES + 1;
    }

    private static @Nullable String seed(JsonNode json) {
        JsonNode value = optional(json, "seed");
        if (value == null) {
            return null;
        }
        String seed = value.textValue();
        if (seed.length() == NATIONALITY_SEED) {
            throw Problem.invalid("seed", "not 18 characters: the source reads a nationality from such a seed");
        }
        if (seed.codePoints().anyMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE)) {
            throw Problem.invalid("seed", "no control characters and no half characters");
        }
        return seed;
    }

    private static List<String> nationalities(JsonNode json) {
        JsonNode value = optional(json, "nat");
        if (value == null) {
            return List.of();
        }
        TreeSet<String> asked = new TreeSet<>();
        value.forEach(one -> {
            String name = one.textValue();
            if (!NATIONALITIES.contains(name.toUpperCase(Locale.ROOT))) {
                throw Problem.invalid("nat", "expected nationalities of " + new TreeSet<>(NATIONALITIES));
            }
            asked.add(name.toUpperCase(Locale.ROOT));
        });
        return List.copyOf(asked);
    }

    private static @Nullable String gender(JsonNode json) {
        JsonNode value = optional(json, "gender");
        return value == null ? null : value.textValue();
    }

    private static @Nullable Duration maxRunTime(JsonNode json) {
        JsonNode value = optional(json, "maxRunTime");
        if (value == null) {
            return null;
        }
        try {
            Duration time = Duration.parse(value.textValue());
            if (time.equals(time.truncatedTo(ChronoUnit.SECONDS))
                    && time.compareTo(Duration.ofSeconds(1)) >= 0
                    && time.compareTo(LONGEST_RUN) <= 0) {
                return time;
            }
        } catch (DateTimeException e) {
            throw noDuration();
        }
        throw noDuration();
    }

    private static Problem noDuration() {
        return Problem.invalid("maxRunTime", "expected whole seconds from PT1S to P30D, like PT10M");
    }

    private static @Nullable JsonNode optional(JsonNode json, String member) {
        JsonNode value = json.get(member);
        return value == null || value.isNull() ? null : value;
    }
}
