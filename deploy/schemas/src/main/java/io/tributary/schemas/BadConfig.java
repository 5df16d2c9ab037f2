package io.tributary.schemas;

/** A setting that can not be used. The message names the key and what is expected, never what was given: it may be a secret. */
public final class BadConfig extends RuntimeException {
    private static final long serialVersionUID = 1;

    public BadConfig(String message) {
        super(message);
    }

    /** For a value that is not what it should be. */
    public static BadConfig of(String key, String expected) {
        return new BadConfig(key + " can not be used, expected " + expected);
    }
}
