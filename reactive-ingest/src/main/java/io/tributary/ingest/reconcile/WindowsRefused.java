package io.tributary.ingest.reconcile;

/** Windows that can not be made of those that are counted; names the parameter. Not a failure of a store. */
public final class WindowsRefused extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String parameter;
    private final String words;

    WindowsRefused(String parameter, String words) {
        super(parameter + ": " + words, null, false, false);
        this.parameter = parameter;
        this.words = words;
    }

    public String parameter() {
        return parameter;
    }

    /** For the caller. */
    public String words() {
        return words;
    }
}
