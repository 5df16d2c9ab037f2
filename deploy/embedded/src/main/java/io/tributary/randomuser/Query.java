package io.tributary.randomuser;

import io.vertx.core.MultiMap;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the source makes of a query string. It refuses nothing: whatever it does not like it corrects without a word, and
 * so does this.
 *
 * @param results 1 to 5,000; 1 where the number asked for was none of these
 * @param page 1 to 10,000; 1 where the number asked for was none of these
 * @param seed the one given, or a fresh one of 16 hex digits
 * @param repeatable a seed was given: asked again on the same day, the bytes are the same
 * @param nationalities empty for all of them
 * @param male empty for both; always empty with a seed
 * @param broken the seed has 18 characters and its last two are no index of a nationality: the source fails on it
 */
record Query(
        int results,
        int page,
        String seed,
        boolean repeatable,
        List<Nationality> nationalities,
        Optional<Boolean> male,
        Set<Field> fields,
        boolean info,
        Format format,
        boolean broken) {
    static final int MOST_RESULTS = 5000;
    static final int MOST_PAGES = 10_000;

    /** A seed of this length is 16 characters of seed and two of nationality, as {@code info.seed} once echoed it. */
    private static final int SEED_WITH_NATIONALITY = 18;

    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

    /** @param parameters decoded; of a repeated one the last counts */
    static Query parse(MultiMap parameters, Supplier<String> freshSeed) {
        String given = last(parameters, "seed", "");
        String seed = given.isEmpty() ? freshSeed.get() : given;
        List<Nationality> nationalities = nationalities(last(parameters, "nat", last(parameters, "nationality", "")));
        boolean broken = false;
        if (seed.length() == SEED_WITH_NATIONALITY) {
            nationalities = Nationality.at(seed.substring(16)).map(List::of).orElse(List.of());
            broken = nationalities.isEmpty();
        }
        return new Query(
                whole(last(parameters, "results", ""), 1, MOST_RESULTS),
                whole(last(parameters, "page", ""), 1, MOST_PAGES),
                seed,
                !given.isEmpty(),
                nationalities,
                given.isEmpty() ? male(last(parameters, "gender", "")) : Optional.empty(),
                fields(last(parameters, "inc", ""), last(parameters, "exc", "")),
                !parameters.contains("noinfo"),
                Format.of(last(parameters, "fmt", last(parameters, "format", ""))),
                broken);
    }

    /** The seed as {@code info} echoes it: with the index of the nationality where there is exactly one. */
    String echoedSeed() {
        return nationalities.size() == 1 ? seed + nationalities.get(0).hexIndex() : seed;
    }

    /** The 32 bits everybody on the page comes from: the first of md5(seed + page), where page 1 adds nothing. */
    int bits() {
        String base = seed.length() == SEED_WITH_NATIONALITY ? seed.substring(0, 16) : seed;
        byte[] text = (page == 1 ? base : base + page).getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.wrap(Digests.freshMd5().digest(text)).getInt();
    }

    private static String last(MultiMap parameters, String name, String fallback) {
        List<String> values = parameters.getAll(name);
        @Nullable String value = values.isEmpty() ? null : values.get(values.size() - 1);
        return value == null || value.isEmpty() ? fallback : value;
    }

    /** As JavaScript reads a number; 1 when it is none, not whole or out of bounds. */
    private static int whole(String text, int least, int most) {
        String number = text.strip();
        if (!NUMBER.matcher(number).matches()) {
            return 1;
        }
        double value = Double.parseDouble(number);
        return value >= least && value <= most && value == Math.rint(value) ? (int) value : 1;
    }

    private static List<Nationality> nationalities(String list) {
        List<Optional<Nationality>> asked =
                items(list).stream().map(Nationality::of).toList();
        boolean allKnown = asked.stream().allMatch(Optional::isPresent);
        return allKnown ? asked.stream().flatMap(Optional::stream).toList() : List.of();
    }

    private static Optional<Boolean> male(String gender) {
        return switch (gender) {
            case "male" -> Optional.of(true);
            case "female" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    private static Set<Field> fields(String included, String excluded) {
        List<String> in = items(included.toLowerCase(Locale.ROOT));
        List<String> out = items(excluded.toLowerCase(Locale.ROOT));
        Set<Field> fields = EnumSet.noneOf(Field.class);
        for (Field field : Field.values()) {
            if ((in.isEmpty() || in.contains(field.text)) && !out.contains(field.text)) {
                fields.add(field);
            }
        }
        return fields;
    }

    private static List<String> items(String list) {
        return Arrays.stream(list.split(","))
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .toList();
    }
}
