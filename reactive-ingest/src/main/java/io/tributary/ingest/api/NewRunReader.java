package io.tributary.ingest.api;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tributary.ingest.model.NewRun;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
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
 * From the bytes of a request to a run that is valid. What is not strict JSON with known members only is refused with 400,
 * a member that can not be that with 422 and its name. A member that may be left out may also be null.
 */
final class NewRunReader {
    private static final Set<String> MEMBERS =
            Set.of("windowStart", "windowEnd", "users", "pageSize", "seed", "nat", "gender");

    /** Of randomuser.me 1.4; one that it does not know it ignores, and answers with all. */
    private static final Set<String> NATIONALITIES = Set.of(
            "AU", "BR", "CA", "CH", "DE", "DK", "ES", "FI", "FR", "GB", "IE", "IN", "IR", "MX", "NL", "NO", "NZ", "RS",
            "TR", "UA", "US");

    private static final int MAX_USERS = 10_000_000;
    private static final int MAX_PAGE_SIZE = 5_000;
    private static final int MAX_SEED = 64;

    /** The source reads the last two of 18 characters as a nationality; it counts as Java does, in UTF-16. */
    private static final int NATIONALITY_SEED = 18;

    private static final int MAX_TIMESTAMP = 40;
    private static final int FIRST_YEAR = 2000;
    private static final int LAST_YEAR = 2100;

    private static final JsonMapper STRICT = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(8)
                            .maxNumberLength(100)
                            .maxNameLength(1_000)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private NewRunReader() {}

    static NewRun read(String idempotencyKey, byte[] body) {
        JsonNode json = tree(text(body));
        Instant start = instant(json, "windowStart");
        Instant end = instant(json, "windowEnd");
        if (!end.isAfter(start)) {
            throw Problem.invalid("windowEnd", "expected an instant after windowStart");
        }
        int users = integer(json, "users", MAX_USERS);
        int pageSize = integer(json, "pageSize", MAX_PAGE_SIZE);
        String seed = seed(json);
        String gender = gender(json);
        if (seed != null && gender != null) {
            throw Problem.invalid("gender", "not together with a seed: the source ignores it then");
        }
        return new NewRun(idempotencyKey, start, end, users, pageSize, seed, nationalities(json), gender);
    }

    /** Decoded here, as Jackson would guess at UTF-16 and UTF-32. */
    private static String text(byte[] body) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            throw Problem.malformed("the body is not UTF-8");
        }
    }

    private static JsonNode tree(String text) {
        JsonNode json;
        try {
            json = STRICT.readTree(text);
        } catch (JacksonException e) {
            throw Problem.malformed("the body is not one JSON object without repeated members, at most 8 deep");
        }
        if (!json.isObject()) {
            throw Problem.malformed("the body is not a JSON object");
        }
        json.fieldNames().forEachRemaining(name -> {
            if (!MEMBERS.contains(name)) {
                throw unknown(name);
            }
        });
        return json;
    }

    private static Problem unknown(String name) {
        return name.matches("\\w{1,64}")
                ? Problem.malformed(name, "there is no such member")
                : Problem.malformed("a member that there is not");
    }

    private static Instant instant(JsonNode json, String member) {
        JsonNode value = required(json, member);
        if (!value.isTextual() || value.textValue().length() > MAX_TIMESTAMP) {
            throw Problem.invalid(member, "expected text like 2026-01-01T00:00:00Z");
        }
        Instant instant;
        try {
            instant = OffsetDateTime.parse(value.textValue()).toInstant();
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

    private static int integer(JsonNode json, String member, int most) {
        JsonNode value = required(json, member);
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 1 || value.intValue() > most) {
            throw Problem.invalid(member, "expected a whole number from 1 to " + most);
        }
        return value.intValue();
    }

    private static @Nullable String seed(JsonNode json) {
        JsonNode value = optional(json, "seed");
        if (value == null) {
            return null;
        }
        if (!value.isTextual()) {
            throw Problem.invalid("seed", "expected text");
        }
        String seed = value.textValue();
        int characters = seed.codePointCount(0, seed.length());
        if (characters < 1 || characters > MAX_SEED) {
            throw Problem.invalid("seed", "expected 1 to 64 characters");
        }
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
        String expected = "expected an array of nationalities of " + new TreeSet<>(NATIONALITIES);
        if (!value.isArray()) {
            throw Problem.invalid("nat", expected);
        }
        TreeSet<String> asked = new TreeSet<>();
        value.forEach(one -> {
            String name = one.isTextual() ? one.textValue() : "";
            // by its two letters, as upper-casing makes FI of a ligature
            if (!name.matches("[A-Za-z]{2}") || !NATIONALITIES.contains(name.toUpperCase(Locale.ROOT))) {
                throw Problem.invalid("nat", expected);
            }
            asked.add(name.toUpperCase(Locale.ROOT));
        });
        return List.copyOf(asked);
    }

    private static @Nullable String gender(JsonNode json) {
        JsonNode value = optional(json, "gender");
        if (value == null) {
            return null;
        }
        if (!value.isTextual() || !Set.of("female", "male").contains(value.textValue())) {
            throw Problem.invalid("gender", "expected female or male");
        }
        return value.textValue();
    }

    private static JsonNode required(JsonNode json, String member) {
        JsonNode value = json.get(member);
        if (value == null) {
            throw Problem.invalid(member, "is missing");
        }
        return value;
    }

    private static @Nullable JsonNode optional(JsonNode json, String member) {
        JsonNode value = json.get(member);
        return value == null || value.isNull() ? null : value;
    }
}
