package io.tributary.schemas;

import java.util.Optional;

/**
 * How one connection is protected. Shows the user and the file, never the password.
 *
 * @param authorities given: TLS, with a certificate that leads to one of them and names the host
 */
public record Security(Optional<Authorities> authorities, Optional<Login> login) {
    /** Nothing of it: plain, and nobody asks who. */
    public static final Security NONE = new Security(Optional.empty(), Optional.empty());

    /** Of {@code prefix_CA_FILE}, and of {@code prefix_USER} with {@code prefix_PASSWORD_FILE}; each file is read here, once. */
    public static Security read(Settings settings, String prefix) {
        return new Security(authorities(settings, prefix + "_CA_FILE"), login(settings, prefix));
    }

    /** Of the PEM file that {@code key} names. */
    public static Optional<Authorities> authorities(Settings settings, String key) {
        return settings.file(key).map(file -> Authorities.read(key, file));
    }

    private static Optional<Login> login(Settings settings, String prefix) {
        Optional<String> user = settings.text(prefix + "_USER");
        Optional<String> password = settings.secret(prefix + "_PASSWORD_FILE");
        if (user.isPresent() != password.isPresent()) {
            throw new BadConfig(prefix + "_USER and " + prefix + "_PASSWORD_FILE are set together or not at all");
        }
        return user.map(name -> new Login(name, password.orElseThrow()));
    }
}
