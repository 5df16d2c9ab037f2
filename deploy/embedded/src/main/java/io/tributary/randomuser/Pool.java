package io.tributary.randomuser;

import com.fasterxml.jackson.core.io.SerializedString;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What people of one nationality are drawn from, read from {@code /randomuser/pools/XX.txt} on first use. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Pool(
        SerializedString country,
        Name[] male,
        Name[] female,
        Name[] last,
        SerializedString[] street,
        SerializedString[] city,
        SerializedString[] state) {

    /**
     * A name and what becomes of it in an e-mail address.
     *
     * @param text with its JSON form in UTF-8 made once
     * @param ascii lower case, without blanks
     */
    record Name(SerializedString text, byte[] ascii) {
        static Name of(String name) {
            return new Name(encoded(name), Transliteration.mailbox(name).getBytes(StandardCharsets.US_ASCII));
        }
    }

    static Pool read(Nationality nationality) {
        String file = "/randomuser/pools/" + nationality + ".txt";
        Map<String, List<String>> sections = new HashMap<>();
        try (InputStream in = Pool.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("resource " + file + " is missing");
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            List<String> current = new ArrayList<>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("[")) {
                    current = new ArrayList<>();
                    sections.put(line.substring(1, line.length() - 1), current);
                } else if (!line.isBlank()) {
                    current.add(line);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Pool(
                encoded(nationality.country),
                names(sections, "male"),
                names(sections, "female"),
                names(sections, "last"),
                words(sections, "street"),
                words(sections, "city"),
                words(sections, "state"));
    }

    static SerializedString encoded(String text) {
        SerializedString encoded = new SerializedString(text);
        encoded.asQuotedUTF8(); // computed now, not in the first request
        return encoded;
    }

    private static Name[] names(Map<String, List<String>> sections, String section) {
        return sections.getOrDefault(section, List.of()).stream().map(Name::of).toArray(Name[]::new);
    }

    private static SerializedString[] words(Map<String, List<String>> sections, String section) {
        return sections.getOrDefault(section, List.of()).stream()
                .map(Pool::encoded)
                .toArray(SerializedString[]::new);
    }
}
