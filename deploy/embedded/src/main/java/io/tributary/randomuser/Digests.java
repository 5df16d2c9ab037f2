package io.tributary.randomuser;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The three digests of a login, reset and ready to use. Not for several threads. */
record Digests(MessageDigest md5, MessageDigest sha1, MessageDigest sha256) {
    static Digests create() {
        return new Digests(freshMd5(), of("SHA-1"), of("SHA-256"));
    }

    static MessageDigest freshMd5() {
        return of("MD5");
    }

    private static MessageDigest of(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has " + algorithm, e);
        }
    }
}
