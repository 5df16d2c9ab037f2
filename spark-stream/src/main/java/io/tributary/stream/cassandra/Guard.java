package io.tributary.stream.cassandra;

import com.datastax.oss.driver.api.core.CqlSessionBuilder;
import com.datastax.oss.driver.api.core.ssl.ProgrammaticSslEngineFactory;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * How the connections are protected. Names files, so that no secret stands in an option: those are in Spark's plans. The files
 * are read where and when a session is opened, on the driver and on every worker.
 *
 * @param authoritiesFile PEM; given: TLS, with a certificate that leads to one of these and names the host. Null: plain
 * @param user null where nobody asks
 * @param passwordFile one line
 */
record Guard(
        @Nullable String authoritiesFile,
        @Nullable String user,
        @Nullable String passwordFile) implements Serializable {
    /** Left to itself the driver takes any name, or asks DNS for one to compare. */
    private static final boolean CHECK_HOST_NAME = true;

    private static final boolean ASK_DNS_FOR_A_NAME = false;

    Guard {
        if ((user == null) != (passwordFile == null)) {
            throw new IllegalArgumentException("options user and passwordFile are set together or not at all");
        }
    }

    /** Throws {@link IllegalArgumentException} naming the option whose file can not be used. */
    void protect(CqlSessionBuilder session) {
        if (user != null && passwordFile != null) {
            session.withAuthCredentials(user, password(passwordFile));
        }
        if (authoritiesFile != null) {
            session.withSslEngineFactory(new ProgrammaticSslEngineFactory(
                    trusting(authoritiesFile), null, CHECK_HOST_NAME, ASK_DNS_FOR_A_NAME));
        }
    }

    private static String password(String file) {
        try {
            String password = Files.readString(Path.of(file)).replaceFirst("\r?\n\\z", "");
            if (password.isEmpty() || password.contains("\n")) {
                throw new IllegalArgumentException("option passwordFile names a file that is not one line");
            }
            return password;
        } catch (IOException e) { // its message may quote what is there
            throw new IllegalArgumentException("option passwordFile names a file that can not be read: "
                    + e.getClass().getSimpleName());
        }
    }

    private static SSLContext trusting(String file) {
        try (InputStream pem = new BufferedInputStream(Files.newInputStream(Path.of(file)))) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                store.setCertificateEntry("authority-" + store.size(), certificate);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(null, trust.getTrustManagers(), null);
            return tls;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "option authoritiesFile=" + file + ", expected a PEM file with certificates", e);
        }
    }
}
