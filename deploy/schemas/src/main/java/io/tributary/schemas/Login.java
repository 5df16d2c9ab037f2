package io.tributary.schemas;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Who asks. The password never shows in {@link #toString}. */
public record Login(String user, String password) {
    /** For an {@code Authorization} header, as RFC 7617 has it. */
    String basic() {
        byte[] pair = (user + ':' + password).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    @Override
    public String toString() {
        return user;
    }
}
