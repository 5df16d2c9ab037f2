package io.tributary.ingest.api;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Who may ask, and how the way to us is protected.
 *
 * @param tokens read again from time to time; empty: nobody is asked for one, which is for loopback only
 * @param tls empty: plain HTTP
 */
public record Access(Optional<Supplier<AccessTokens>> tokens, Optional<Tls> tls) {
    /** For loopback. */
    public static final Access OPEN = new Access(Optional.empty(), Optional.empty());

    /** Certificate chain and key, PEM; read at start. */
    public record Tls(Path certificate, Path key) {}
}
