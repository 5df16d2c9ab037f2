package io.tributary.randomuser;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import net.datafaker.Faker;

/**
 * Writes the pools the stand-in draws its people from: {@code src/main/resources/randomuser/pools/XX.txt}, one for each
 * nationality. Run by hand when Datafaker or the own lists change; the files are committed, so that the running server
 * needs neither Datafaker nor its start-up time, and the same seed gives the same people whatever version is around.
 *
 * <p>Names come from Datafaker with a fixed random seed. Where it has no names of a country in that country's script
 * (Farsi first names, Serbian, Hindi) or falls back to American ones (British counties), the list in {@code
 * src/test/resources/randomuser/own/XX.txt} is taken instead.
 *
 * <p>One argument: the folder of the module.
 */
final class PoolGenerator {
    private static final long RANDOM_SEED = 20260101;
    private static final int MOST_DRAWS = 20_000;

    /** Datafaker's locale for people and streets, and the one for towns where it differs. */
    private static final Map<String, List<String>> LOCALES = Map.ofEntries(
            Map.entry("AU", List.of("en-AU", "en-AU")),
            Map.entry("BR", List.of("pt-BR", "pt-BR")),
            Map.entry("CA", List.of("en-CA", "fr-CA")),
            Map.entry("CH", List.of("de-CH", "fr-CH")),
            Map.entry("DE", List.of("de", "de")),
            Map.entry("DK", List.of("da-DK", "da-DK")),
            Map.entry("ES", List.of("es", "es")),
            Map.entry("FI", List.of("fi-FI", "fi-FI")),
            Map.entry("FR", List.of("fr", "fr")),
            Map.entry("GB", List.of("en-GB", "en-GB")),
            Map.entry("IE", List.of("en-IE", "en-IE")),
            Map.entry("IN", List.of("en-IN", "en-IN")),
            Map.entry("IR", List.of("fa", "fa")),
            Map.entry("MX", List.of("es-MX", "es-MX")),
            Map.entry("NL", List.of("nl", "nl")),
            Map.entry("NO", List.of("nb-NO", "nb-NO")),
            Map.entry("NZ", List.of("en-NZ", "en-NZ")),
            Map.entry("RS", List.of("en", "en")),
            Map.entry("TR", List.of("tr", "tr")),
            Map.entry("UA", List.of("uk", "uk")),
            Map.entry("US", List.of("en-US", "en-US")));

    private record Section(String name, int most, boolean town, Function<Faker, String> draw) {}

    private static final List<Section> SECTIONS = List.of(
            new Section("male", 300, false, faker -> faker.name().maleFirstName()),
            new Section("female", 300, false, faker -> faker.name().femaleFirstName()),
            new Section("last", 300, false, faker -> faker.name().lastName()),
            new Section("street", 200, false, faker -> faker.address().streetName()),
            new Section("city", 200, true, faker -> faker.address().city()),
            new Section("state", 80, false, faker -> faker.address().state()));

    private PoolGenerator() {}

    public static void main(String[] args) throws IOException {
        Path module = Path.of(args[0]);
        Path own = module.resolve("src/test/resources/randomuser/own");
        Path pools = Files.createDirectories(module.resolve("src/main/resources/randomuser/pools"));
        for (Map.Entry<String, List<String>> locale : LOCALES.entrySet()) {
            Path ownList = own.resolve(locale.getKey() + ".txt");
            Map<String, List<String>> lists = Files.exists(ownList) ? sections(ownList) : Map.of();
            Files.writeString(
                    pools.resolve(locale.getKey() + ".txt"), pool(locale.getValue(), lists), StandardCharsets.UTF_8);
        }
    }

    private static String pool(List<String> locales, Map<String, List<String>> own) {
        Faker people = new Faker(Locale.forLanguageTag(locales.get(0)), new Random(RANDOM_SEED));
        Faker towns = new Faker(Locale.forLanguageTag(locales.get(1)), new Random(RANDOM_SEED));
        StringBuilder out = new StringBuilder();
        for (Section section : SECTIONS) {
            List<String> values = own.getOrDefault(section.name(), List.of());
            out.append('[').append(section.name()).append("]\n");
            (values.isEmpty() ? drawn(section, section.town() ? towns : people) : values)
                    .forEach(value -> out.append(value).append('\n'));
        }
        return out.toString();
    }

    private static List<String> drawn(Section section, Faker faker) {
        Set<String> values = new LinkedHashSet<>();
        for (int i = 0; i < MOST_DRAWS && values.size() < section.most(); i++) {
            String value = section.draw().apply(faker).replace("''", "'").strip();
            if (!value.isEmpty()) {
                values.add(value);
            }
        }
        return values.stream().sorted().toList();
    }

    private static Map<String, List<String>> sections(Path file) throws IOException {
        Map<String, List<String>> sections = new LinkedHashMap<>();
        List<String> current = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("[")) {
                current = new ArrayList<>();
                sections.put(line.substring(1, line.length() - 1), current);
            } else {
                current.add(line.strip());
            }
        }
        return sections;
    }
}
