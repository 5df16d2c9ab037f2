package io.tributary.schemas;

import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Settings of one program, read once: environment variables that begin with its prefix, over a properties file named by
 * {@code PREFIX_CONFIG_FILE}. Every getter throws {@link BadConfig}; {@link #refuseUnknown} at the end catches typos.
 */
public final class Settings {
    private static final Pattern SHORT_DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
    private static final Pattern HOST_PORT = Pattern.compile("[^\\s,/@]+:(\\d{1,5})");
    private static final int MAX_SECRET_BYTES = 4096;
    private static final int HIGHEST_PORT = 65_535;

    private final Map<String, String> values;
    private final Set<String> asked = new TreeSet<>();
    private final Map<String, String> effective = new TreeMap<>();

    private Settings(Map<String, String> values) {
        this.values = values;
    }

    /**
     * Reads what the environment and the file give.
     *
     * @param prefix with its underscore, such as {@code INGEST_}
     */
    public static Settings read(String prefix, Map<String, String> environment) {
        Map<String, String> values = new HashMap<>();
        String file = environment.get(prefix + "CONFIG_FILE");
        if (file != null) {
            readFile(prefix, file).forEach((key, value) -> values.put((String) key, (String) value));
        }
        environment.forEach((key, value) -> {
            if (key.startsWith(prefix)) {
                values.put(key, value);
            }
        });
        values.remove(prefix + "CONFIG_FILE");
        return new Settings(values);
    }

    private static Properties readFile(String prefix, String file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of(file))) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw BadConfig.of(prefix + "CONFIG_FILE", "a readable properties file");
        }
        return properties;
    }

    public String text(String key, String fallback) {
        return inForce(key, given(key).orElse(fallback));
    }

    /** Empty when the key is not set. */
    public Optional<String> text(String key) {
        return given(key).map(value -> inForce(key, value));
    }

    /** One of a few words, as they are written here. */
    public String choice(String key, String fallback, List<String> choices) {
        String text = text(key, fallback);
        if (!choices.contains(text)) {
            throw BadConfig.of(key, "one of " + String.join(", ", choices));
        }
        return text;
    }

    /** A switch: true or false. */
    public boolean flag(String key, boolean fallback) {
        String text = given(key).orElse(Boolean.toString(fallback));
        if (!text.equals("true") && !text.equals("false")) {
            throw BadConfig.of(key, "true or false");
        }
        return Boolean.parseBoolean(inForce(key, text));
    }

    /** A readable file; empty when the key is not set. */
    public Optional<Path> file(String key) {
        return given(key).map(text -> {
            Path file;
            try {
                file = Path.of(text);
            } catch (InvalidPathException e) {
                throw new BadConfig(key + " is not a path");
            }
            if (!Files.isReadable(file) || Files.isDirectory(file)) {
                throw BadConfig.of(key, "a file that can be read");
            }
            inForce(key, text);
            return file;
        });
    }

    public String required(String key, String expected) {
        return inForce(key, given(key).orElseThrow(() -> new BadConfig(key + " is not set, expected " + expected)));
    }

    public int whole(String key, int fallback, int least, int most, String unit) {
        String expected = least + ".." + most + " " + unit;
        Optional<String> given = given(key);
        if (given.isEmpty()) {
            inForce(key, Integer.toString(fallback));
            return fallback;
        }
        inForce(key, given.get());
        try {
            int value = Integer.parseInt(given.get());
            if (value < least || value > most) {
                throw BadConfig.of(key, expected);
            }
            return value;
        } catch (NumberFormatException e) {
            throw BadConfig.of(key, expected);
        }
    }

    public int port(String key, int fallback) {
        return whole(key, fallback, 0, HIGHEST_PORT, "(a port, 0 for any free one)");
    }

    /** A duration as {@code 250ms}, {@code 30s}, {@code 5m}, {@code 1h}, {@code 2d} or ISO-8601. */
    public Duration duration(String key, Duration fallback, Duration least, Duration most) {
        Optional<String> given = given(key);
        inForce(key, given.orElse(fallback.toString()));
        if (given.isEmpty()) {
            return fallback;
        }
        Duration value = parse(key, given.get());
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw BadConfig.of(key, least + " to " + most);
        }
        return value;
    }

    private static Duration parse(String key, String text) {
        Matcher matcher = SHORT_DURATION.matcher(text);
        try {
            if (!matcher.matches()) {
                return Duration.parse(text);
            }
            long amount = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                case "h" -> Duration.ofHours(amount);
                default -> Duration.ofDays(amount);
            };
        } catch (DateTimeParseException e) {
            throw BadConfig.of(key, "a duration such as 250ms, 30s, 5m, 1h or PT30S");
        }
    }

    /** One or more {@code host:port}, with commas between them. */
    public String hostPorts(String key, String fallback) {
        String text = given(key).orElse(fallback);
        for (String one : text.split(",", -1)) {
            Matcher matcher = HOST_PORT.matcher(one.strip());
            int port = matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
            if (port < 1 || port > HIGHEST_PORT) {
                throw BadConfig.of(key, "host:port, the port of 1.." + HIGHEST_PORT);
            }
        }
        return inForce(key, text);
    }

    /** An http or https address with a host, without user or password, query or fragment. */
    public URI httpAddress(String key, String fallback) {
        String text = given(key).orElse(fallback);
        URI uri;
        try {
            uri = URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new BadConfig(key + " is not an address, expected http:// or https://");
        }
        if (uri.getRawUserInfo() != null) {
            throw new BadConfig(key + " holds a user or password, expected an address without");
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (uri.getHost() == null || !(scheme.equals("http") || scheme.equals("https"))) {
            throw BadConfig.of(key, "an http:// or https:// address with a host");
        }
        if (uri.getRawQuery() != null || uri.getRawFragment() != null) { // keys stand there, and it is shown in /config
            throw new BadConfig(key + " holds a query or fragment, expected an address without");
        }
        if (uri.getPort() == 0 || uri.getPort() > HIGHEST_PORT) {
            throw BadConfig.of(key, "a port of 1.." + HIGHEST_PORT);
        }
        inForce(key, text);
        return uri;
    }

    /** The first line of the file that {@code key} names; a final newline is not part of it. Empty when the key is not set. */
    public Optional<String> secret(String key) {
        return given(key).map(file -> {
            inForce(key, "***");
            return readSecret(key, file);
        });
    }

    /** The file itself, for who reads it later or elsewhere. Empty when the key is not set. */
    public Optional<Path> secretFile(String key) {
        Optional<Path> file = file(key);
        file.ifPresent(given -> inForce(key, "***"));
        return file;
    }

    private static String readSecret(String key, String name) {
        try {
            Path file = Path.of(name);
            if (Files.size(file) > MAX_SECRET_BYTES) {
                throw new BadConfig(key + " names a file of more than " + MAX_SECRET_BYTES + " bytes");
            }
            String secret = Files.readString(file).replaceFirst("\r?\n\\z", "");
            if (secret.isEmpty() || secret.contains("\n") || secret.contains("\r")) {
                throw new BadConfig(key + " names a file that is empty or has more than one line, expected one secret");
            }
            return secret;
        } catch (IOException
                | InvalidPathException e) { // not its message: that names the file, or what stands in its place
            throw new BadConfig(
                    key + " names a file that can not be read: " + e.getClass().getSimpleName());
        }
    }

    /** Call after the last getter: a key with the prefix that nobody asked for is an error. */
    public void refuseUnknown() {
        Set<String> unknown = new TreeSet<>(values.keySet());
        unknown.removeAll(asked);
        if (!unknown.isEmpty()) {
            throw new BadConfig("unknown: " + String.join(", ", unknown) + "; known: " + String.join(", ", asked));
        }
    }

    /** What was asked for so far, by key, as it is in force, to be shown: a secret is three asterisks. */
    public Map<String, String> effective() {
        return Collections.unmodifiableMap(effective);
    }

    private String inForce(String key, String value) {
        effective.put(key, value);
        return value;
    }

    private Optional<String> given(String key) {
        asked.add(key);
        return Optional.ofNullable(values.get(key)).map(String::trim).filter(value -> !value.isEmpty());
    }
}
