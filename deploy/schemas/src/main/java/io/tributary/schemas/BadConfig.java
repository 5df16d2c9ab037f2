package io.tributary.schemas;

/** A setting that can not be used. The message names the key and what is expected, never a secret's value. */
public final class BadConfig extends RuntimeException {
    private static final long serialVersionUID = 1;

    public BadConfig(String message) {
        super(message);
    }

    /** For a value that may be shown. */
    public static BadConfig of(String key, Object value, String expected) {
        return new BadConfig(key + "=" + value + ", expected " + expected);
    }
}
