package io.tributary.ingest.source;

import io.tributary.ingest.model.IngestException.Kind;
import io.tributary.ingest.model.IngestException.SourceFailed;
import org.jspecify.annotations.Nullable;

/** How this package says no. Messages go to logs and to the ledger: short, printable, without anything of a user. */
final class Refusal {
    private static final int MAX_QUOTE = 200;

    private Refusal() {}

    /** The same request may succeed later. */
    static SourceFailed later(String message) {
        return new SourceFailed(Kind.TRANSIENT, message, null, null);
    }

    /** A whole answer, and not the page that was asked for. */
    static SourceFailed never(String message) {
        return new SourceFailed(Kind.REJECTED, message, null, null);
    }

    /** Text of the source's own making (an error, a header), cut short, and printable so that every store and log takes it. */
    static String quote(@Nullable String text) {
        if (text == null) {
            return "(none)";
        }
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), MAX_QUOTE); i++) {
            char c = text.charAt(i);
            shown.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '?' : c);
        }
        return text.length() > MAX_QUOTE ? shown + "..." : shown.toString();
    }
}
