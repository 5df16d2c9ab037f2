package io.tributary.schemas;

import java.io.Serializable;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Where the registry is and how to come in. Names files, so that no secret goes along where this is sent; they are read where
 * a client is made.
 *
 * @param url base of Confluent's API
 * @param access settings as {@link Security#read} reads them, by {@code REGISTRY_}
 */
public record RegistryAddress(URI url, Map<String, String> access) implements Serializable {
    private static final String KEY = "REGISTRY";

    public RegistryAddress {
        access = Map.copyOf(access);
    }

    /**
     * Of {@code prefix_URL}, {@code _CA_FILE}, {@code _USER} and {@code _PASSWORD_FILE}.
     *
     * @throws BadConfig naming the key, also where a basic login would be readable on its way to another machine
     */
    public static RegistryAddress read(Settings settings, String prefix, String fallback) {
        URI url = settings.httpAddress(prefix + "_URL", fallback);
        boolean tls = "https".equalsIgnoreCase(url.getScheme());
        Security security = Security.read(settings, prefix);
        if (security.authorities().isPresent() && !tls) {
            throw BadConfig.of(prefix + "_URL", "https:// with " + prefix + "_CA_FILE");
        }
        if (security.login().isPresent() && !tls && !ThisMachine.is(url.getHost())) {
            throw BadConfig.of(prefix + "_URL", "https:// with " + prefix + "_USER: the password would be readable");
        }
        if (security.login().filter(login -> login.user().contains(":")).isPresent()) {
            throw new BadConfig(prefix + "_USER holds a colon, expected a name for basic authentication");
        }
        Map<String, String> access = new HashMap<>();
        security.authorities().ifPresent(given -> access.put(KEY + "_CA_FILE", absolute(given.file())));
        security.login().ifPresent(given -> access.put(KEY + "_USER", given.user()));
        settings.secretFile(prefix + "_PASSWORD_FILE")
                .ifPresent(file -> access.put(KEY + "_PASSWORD_FILE", absolute(file)));
        return new RegistryAddress(url, access);
    }

    private static String absolute(Path file) {
        return file.toAbsolutePath().toString();
    }

    /** A client of its own; throws {@link BadConfig} where the files are not here, or not what they were. */
    public SchemaRegistry client(Duration timeout) {
        return new SchemaRegistry(url, timeout, Security.read(Settings.read(KEY + "_", access), KEY));
    }

    @Override
    public String toString() {
        return url.toString();
    }
}
