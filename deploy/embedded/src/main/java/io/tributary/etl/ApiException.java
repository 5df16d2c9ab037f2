package io.tributary.etl;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/** A call of the control API that did not give what was asked for. */
final class ApiException extends EtlFailure {
    private static final long serialVersionUID = 1L;

    enum Kind {
        /** Nobody answers, or the answer was cut: the same call may succeed later. */
        UNREACHABLE(ExitCode.BROKEN),
        /** 4xx: it will never succeed as it is. */
        REFUSED(ExitCode.USAGE),
        /** The certificate of whoever answers is not believed, or is another host's. */
        UNTRUSTED(ExitCode.USAGE),
        /** 5xx, or an answer that is not what the contract says. */
        FAILED(ExitCode.BROKEN);

        private final ExitCode exit;

        Kind(ExitCode exit) {
            this.exit = exit;
        }
    }

    private final Kind kind;
    private final int status;

    private ApiException(Kind kind, int status, String message, @Nullable Throwable cause) {
        super(kind.exit, message, cause);
        this.kind = kind;
        this.status = status;
    }

    static ApiException unreachable(URI base, String why, @Nullable Throwable cause) {
        return new ApiException(
                Kind.UNREACHABLE, 0, "the control API at " + base + " does not answer (" + why + ")", cause);
    }

    static ApiException untrusted(URI base, String why, Throwable cause) {
        return new ApiException(
                Kind.UNTRUSTED,
                0,
                "the control API at " + base + " is not trusted (" + why + "); --ca-file names certificates to trust",
                cause);
    }

    static ApiException answered(int status, String what) {
        Kind kind = status >= 400 && status < 500 ? Kind.REFUSED : Kind.FAILED;
        return new ApiException(kind, status, what, null);
    }

    static ApiException notUnderstood(String what, @Nullable Throwable cause) {
        return new ApiException(Kind.FAILED, 0, "the answer of the control API is not understood: " + what, cause);
    }

    Kind kind() {
        return kind;
    }

    /** Whether there is no such thing. */
    boolean isNotFound() {
        return status == 404;
    }

    /** Whether the same call may succeed in a moment. */
    boolean isTransient() {
        return kind == Kind.UNREACHABLE || status == 502 || status == 503 || status == 504;
    }
}
