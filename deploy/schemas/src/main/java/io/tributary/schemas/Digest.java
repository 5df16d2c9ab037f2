package io.tributary.schemas;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Order-free hash of a set of users, with their number. A user's hash is the first 8 bytes, big endian, of the SHA-256 of
 * its Avro body (schema version {@link UserEventSchema#VERSION}); a set's is the sum modulo 2^64, so that digests of pages
 * add up to the digest of their run, and a user that is there twice is seen.
 *
 * @param users how many
 * @param sum of their hashes, modulo 2^64
 */
public record Digest(long users, long sum) {
    public static final Digest EMPTY = new Digest(0, 0);

    private static final ThreadLocal<MessageDigest> SHA_256 = ThreadLocal.withInitial(Digest::sha256);

    /** The hash of one user, by its Avro body without header. */
    public static long hashOf(byte[] body) {
        return ByteBuffer.wrap(SHA_256.get().digest(body)).getLong();
    }

    public Digest plus(long userHash) {
        return new Digest(users + 1, sum + userHash);
    }

    public Digest plus(Digest other) {
        return new Digest(users + other.users, sum + other.sum);
    }

    /** The sum as 16 lower-case hex digits. */
    public String hex() {
        return HexFormat.of().toHexDigits(sum);
    }

    @Override
    public String toString() {
        return users + " users, digest " + hex();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
