package io.tributary.schemas;

import java.util.Set;

/** Addresses whose traffic nobody else can read. */
public final class ThisMachine {
    private static final Set<String> NAMES = Set.of("127.0.0.1", "localhost", "::1", "[::1]"); // [ ] in a URL

    private ThisMachine() {}

    public static boolean is(String host) {
        return NAMES.contains(host);
    }
}
