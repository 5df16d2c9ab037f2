package io.tributary.ingest.model;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Every failure the service expects. Anything else is a bug and is logged with its stack trace. */
public abstract sealed class IngestException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What the caller may do about it. */
    public enum Kind {
        /** The same thing, later. */
        TRANSIENT,
        /** Never in this form. */
        REJECTED,
        /** Somebody else holds or has done it. */
        CONFLICT
    }

    private final Kind kind;

    IngestException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    public boolean isTransient() {
        return kind == Kind.TRANSIENT;
    }

    /** True for a failure of ours after which the same thing may be tried again. */
    public static boolean mayPass(Throwable failure) {
        return failure instanceof IngestException known && known.isTransient();
    }

    /** The source did not answer with the page asked for. Nothing was captured. */
    public static final class SourceFailed extends IngestException {
        private static final long serialVersionUID = 1;
        private final @Nullable Duration retryAfter;
        private final boolean isOverQuota;

        public SourceFailed(Kind kind, String message, @Nullable Throwable cause, @Nullable Duration retryAfter) {
            this(kind, message, cause, retryAfter, false);
        }

        public SourceFailed(
                Kind kind,
                String message,
                @Nullable Throwable cause,
                @Nullable Duration retryAfter,
                boolean isOverQuota) {
            super(kind, message, cause);
            this.retryAfter = retryAfter;
            this.isOverQuota = isOverQuota;
        }

        /** Refused for how much was asked for before (429), not for what is asked. */
        public boolean isOverQuota() {
            return isOverQuota;
        }

        /** The pause that the source asked for. */
        public Optional<Duration> retryAfter() {
            return Optional.ofNullable(retryAfter);
        }
    }

    /** PostgreSQL did not do what it was asked. */
    public static final class StoreFailed extends IngestException {
        private static final long serialVersionUID = 1;

        public StoreFailed(Kind kind, String message, @Nullable Throwable cause) {
            super(kind, message, cause);
        }
    }

    /** Kafka or the registry did not take a page. {@code REJECTED}: never will. */
    public static final class PublishFailed extends IngestException {
        private static final long serialVersionUID = 1;

        public PublishFailed(Kind kind, String message, @Nullable Throwable cause) {
            super(kind, message, cause);
        }
    }

    /** The page is another worker's by now: its epoch has moved on. Nothing was changed. */
    public static final class LeaseLost extends IngestException {
        private static final long serialVersionUID = 1;

        public LeaseLost(String message) {
            super(Kind.CONFLICT, message, null);
        }
    }

    /** A store could not be read for reconciliation or for the windows. */
    public static final class ReadFailed extends IngestException {
        private static final long serialVersionUID = 1;

        public ReadFailed(String message, @Nullable Throwable cause) {
            super(Kind.TRANSIENT, message, cause);
        }
    }
}
