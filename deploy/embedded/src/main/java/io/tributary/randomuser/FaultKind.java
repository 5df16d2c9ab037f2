package io.tributary.randomuser;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What can go wrong with the source, on request. {@code value} and {@code amount} of a {@link Fault} mean what is said here;
 * where they are not given, the default in brackets counts.
 */
public enum FaultKind {
    /** Status 429 with the body of the quota; value: a Retry-After header (none). */
    TOO_MANY_REQUESTS("429", Stage.INSTEAD, "", 0),
    /** The source's own trouble; amount: the status (503). */
    SERVER_ERROR("5xx", Stage.INSTEAD, "", 503),
    /** The source's own trouble with status 200. */
    ERROR_200("error-200", Stage.INSTEAD, "", 200),
    /** A page of HTML, as a proxy in front answers it; amount: the status (200). */
    HTML("html", Stage.INSTEAD, "", 200),
    /** Value: the Location (http://example.invalid/api/); amount: the status (302). */
    REDIRECT("redirect", Stage.INSTEAD, "http://example.invalid/api/", 302),
    /** The request is read and nothing is ever answered. */
    STALL_BEFORE_HEADERS("stall-before-headers", Stage.INSTEAD, "", 0),
    /** A body that begins like a page and inflates to amount bytes (1 GiB). */
    GZIP_BOMB("gzip-bomb", Stage.INSTEAD, "", 1L << 30),

    /** Users at the end left out; amount: how many (1). */
    SHORT_RESULTS("short-results", Stage.CONTENT, "", 1),
    /** The last user repeated; amount: how often (1). */
    LONG_RESULTS("long-results", Stage.CONTENT, "", 1),
    EMPTY_RESULTS("empty-results", Stage.CONTENT, "", 0),
    /** {@code results} is an object. */
    RESULTS_OBJECT("results-object", Stage.CONTENT, "", 0),
    /** Amount: what is added to {@code info.page} (1). */
    WRONG_PAGE("wrong-page", Stage.CONTENT, "", 1),
    /** Value: {@code info.seed} (another-seed). */
    WRONG_SEED("wrong-seed", Stage.CONTENT, "another-seed", 0),
    /** Value: {@code info.version} (1.5). */
    WRONG_VERSION("wrong-version", Stage.CONTENT, "1.5", 0),
    /** The user at the position has the uuid of the one before it (of the next one at position 0). */
    DUPLICATE_UUID("duplicate-uuid", Stage.CONTENT, "", 0),
    /** Value: the uuid (not-a-uuid). */
    BAD_UUID("bad-uuid", Stage.CONTENT, "not-a-uuid", 0),
    NULL_UUID("null-uuid", Stage.CONTENT, "", 0),
    /** {@code name.first} holds an escaped U+0000. */
    NUL_CHARACTER("nul-character", Stage.CONTENT, "", 0),
    /** {@code name.first} holds half a surrogate pair, escaped. */
    LONE_SURROGATE("lone-surrogate", Stage.CONTENT, "", 0),
    /** {@code name.first} turns right to left and has characters without width. */
    BIDI_NAME("bidi-name", Stage.CONTENT, "", 0),
    /** Amount: the characters of {@code name.first} (1 MiB). */
    HUGE_NAME("huge-name", Stage.CONTENT, "", 1 << 20),
    /** Value: a JSON pointer into the user, which becomes 1e400 (/location/street/number). */
    BAD_NUMBER("bad-number", Stage.CONTENT, "/location/street/number", 0),
    /** Value: a JSON pointer into the user, which becomes NaN (/location/street/number). */
    NAN("nan", Stage.CONTENT, "/location/street/number", 0),
    /** Value: {@code dob.date} (2021-02-30T00:00:00.000Z). */
    BAD_DATE("bad-date", Stage.CONTENT, "2021-02-30T00:00:00.000Z", 0),
    /** Amount: {@code dob.age} (-5). */
    NEGATIVE_AGE("negative-age", Stage.CONTENT, "", -5),
    /** Value: the name of a member nobody knows (loyalty). */
    EXTRA_FIELD("extra-field", Stage.CONTENT, "loyalty", 0),
    /** Value: the member left out (cell). */
    MISSING_OPTIONAL("missing-optional", Stage.CONTENT, "cell", 0),
    /** Bytes that are no UTF-8 in {@code name.first}. */
    BAD_UTF8("bad-utf8", Stage.CONTENT, "", 0),
    /** A byte order mark in front. */
    BOM("bom", Stage.CONTENT, "", 0),
    UTF16("utf16", Stage.CONTENT, "", 0),

    /** Headers, amount bytes of the body (0), then nothing. */
    STALL("stall", Stage.DELIVERY, "", 0),
    /** Amount: bytes a second (1). */
    SLOW_BYTES("slow-bytes", Stage.DELIVERY, "", 1),
    /** The connection is closed after amount bytes of the body (half of it). */
    CUT_BODY("cut-body", Stage.DELIVERY, "", -1),
    /** Content-Length is amount more than there is (1000), then the connection is closed. */
    WRONG_LENGTH("wrong-length", Stage.DELIVERY, "", 1000),
    /** The connection is reset after amount bytes of the body (half of it). */
    RESET("reset", Stage.DELIVERY, "", -1),
    /** Compressed twice, declared once; value: Content-Encoding (gzip). */
    NESTED_GZIP("nested-gzip", Stage.DELIVERY, "gzip", 0),
    /** Value: Content-Encoding of a body that has none (x-unheard-of). */
    UNKNOWN_ENCODING("unknown-encoding", Stage.DELIVERY, "x-unheard-of", 0);

    /** Where in an answer a fault strikes. */
    enum Stage {
        /** Instead of the page: it is not made and not counted by the quota. */
        INSTEAD,
        /** In the bytes of the page; several may strike the same page. */
        CONTENT,
        /** On the way to the client. */
        DELIVERY
    }

    final Stage stage;
    final String defaultValue;
    final long defaultAmount;
    private final String text;

    FaultKind(String text, Stage stage, String defaultValue, long defaultAmount) {
        this.text = text;
        this.stage = stage;
        this.defaultValue = defaultValue;
        this.defaultAmount = defaultAmount;
    }

    /** As the control endpoint writes it. */
    public String text() {
        return text;
    }

    static Optional<FaultKind> of(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        return Arrays.stream(values()).filter(kind -> kind.text.equals(lower)).findFirst();
    }
}
