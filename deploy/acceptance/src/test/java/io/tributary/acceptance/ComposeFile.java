package io.tributary.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** {@code deploy/docker-compose.yml} as it is written, and as it is with the values of {@code deploy/.env.example}. */
final class ComposeFile {
    static final Path DEPLOY = WholeStack.HOME.resolve("deploy");

    /** {@code ${NAME}}, {@code ${NAME:-default}} or {@code ${NAME:?why}}; {@code $$} is a dollar. */
    private static final Pattern VARIABLE = Pattern.compile("\\$\\$|\\$\\{([A-Z0-9_]+)(?::([-?])([^}]*))?}");

    private static final Pattern OF_ENV_EXAMPLE = Pattern.compile("(?m)^#?([A-Z0-9_]+)=(.*)$");

    private static final int MOST_ALIASES = 1_000; // 50 are SnakeYAML's, against strangers' files

    private final String text;
    private final Map<String, Object> root;

    private ComposeFile(String text) {
        this.text = text;
        LoaderOptions options = new LoaderOptions();
        options.setMaxAliasesForCollections(MOST_ALIASES);
        this.root = object(new Yaml(new SafeConstructor(options)).load(text));
    }

    static ComposeFile read() {
        return new ComposeFile(file("docker-compose.yml"));
    }

    /** A file beside it. */
    static String file(String name) {
        try {
            return Files.readString(DEPLOY.resolve(name));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** A service, anchors and merges resolved. */
    record Service(String name, Map<String, Object> settings) {
        String text(String key) {
            return String.valueOf(settings.getOrDefault(key, ""));
        }

        Collection<?> list(String key) {
            return settings.get(key) instanceof Map<?, ?> map
                    ? map.keySet()
                    : (List<?>) settings.getOrDefault(key, List.of());
        }

        Map<String, Object> object(String key) {
            return ComposeFile.object(settings.getOrDefault(key, Map.of()));
        }

        /** Ends by itself, and the stack waits for that. */
        boolean isJob() {
            return text("restart").startsWith("on-failure");
        }

        /** Is not started with the stack. */
        boolean isOnDemand() {
            return list("profiles").contains("jobs");
        }

        boolean isOurs() {
            return text("image").startsWith("tributary/");
        }

        @Override
        public String toString() {
            return name;
        }
    }

    List<Service> services() {
        return section("services").entrySet().stream()
                .map(entry -> new Service(entry.getKey(), object(entry.getValue())))
                .toList();
    }

    Service service(String name) {
        return new Service(name, object(section("services").get(name)));
    }

    Map<String, Object> section(String name) {
        return object(root.get(name));
    }

    /** Environment of a service with the values that the file itself gives. */
    Map<String, String> environment(String service) {
        Map<String, String> environment = new TreeMap<>();
        service(service)
                .object("environment")
                .forEach((key, value) -> environment.put(key, withDefaults(String.valueOf(value))));
        return environment;
    }

    static String withDefaults(String text) {
        return VARIABLE.matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(
                        found.group(1) == null ? "$" : "-".equals(found.group(2)) ? found.group(3) : "1000"));
    }

    /** The variables that the file asks for, with their defaults; empty where it has none. */
    Map<String, Set<String>> variables() {
        Map<String, Set<String>> all = new TreeMap<>();
        VARIABLE.matcher(text)
                .results()
                .filter(found -> found.group(1) != null)
                .forEach(found -> all.computeIfAbsent(found.group(1), name -> new LinkedHashSet<>())
                        .add("-".equals(found.group(2)) ? found.group(3) : ""));
        return all;
    }

    /** What {@code .env.example} sets, or shows how to set. */
    static Map<String, String> example() {
        Map<String, String> all = new LinkedHashMap<>();
        for (MatchResult found :
                OF_ENV_EXAMPLE.matcher(file(".env.example")).results().toList()) {
            all.put(found.group(1), found.group(2));
        }
        return all;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Object value) {
        return value == null ? Map.of() : (Map<String, Object>) value;
    }
}
