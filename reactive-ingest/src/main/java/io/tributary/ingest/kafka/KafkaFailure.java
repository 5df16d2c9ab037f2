package io.tributary.ingest.kafka;

import io.tributary.ingest.model.IngestException.Kind;
import javax.net.ssl.SSLException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SslAuthenticationException;

/** What Kafka's clients fail with, in our terms. */
public final class KafkaFailure {
    private KafkaFailure() {}

    /**
     * {@code REJECTED} is what the brokers refuse for what it is. Who may come in, and what he may do, is nothing that a page
     * has to answer for: a password that was changed, a certificate or a right are mended, so it may pass.
     */
    public static Kind kindOf(Throwable error) {
        boolean refused = error instanceof ApiException && !(error instanceof RetriableException);
        return refused && !isAboutUs(error) ? Kind.REJECTED : Kind.TRANSIENT;
    }

    /** True where the brokers do not let this process in, or not do it. */
    private static boolean isAboutUs(Throwable error) {
        return error instanceof AuthenticationException || error instanceof AuthorizationException;
    }

    /** True where an idempotent producer may never send again: it was not let in, or is "in an error state". */
    public static boolean endsProducer(Throwable error) {
        return isAboutUs(error) || (error instanceof KafkaException && !(error instanceof ApiException));
    }

    /** What happened, in one line; holds no secret. */
    public static String words(Throwable error) {
        if (error instanceof SslAuthenticationException) {
            return "no TLS connection: " + tlsFailureOf(error).getMessage();
        }
        if (error instanceof AuthenticationException) {
            return "the login is refused: " + error.getMessage();
        }
        if (error instanceof AuthorizationException) {
            return "the user is not allowed to: " + error.getMessage();
        }
        return error.toString();
    }

    private static Throwable tlsFailureOf(Throwable error) {
        Throwable cause = error.getCause();
        return cause == null || error instanceof SSLException ? error : tlsFailureOf(cause);
    }
}
