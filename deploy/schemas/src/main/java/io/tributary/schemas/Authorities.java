package io.tributary.schemas;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The certificate authorities of one PEM file: a server's certificate must lead to one of them, and to no other.
 *
 * @param tls trusts them alone; whoever uses it has to ask for the check of the host's name
 */
public record Authorities(Path file, SSLContext tls) {
    /**
     * Reads the file, once.
     *
     * @throws BadConfig naming the key, where the file has no certificate
     */
    static Authorities read(String key, Path file) {
        try (InputStream pem = new BufferedInputStream(Files.newInputStream(file))) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                store.setCertificateEntry("authority-" + store.size(), certificate);
            }
            if (store.size() == 0) {
                throw BadConfig.of(key, "a PEM file with at least one certificate");
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(null, trust.getTrustManagers(), null);
            return new Authorities(file, tls);
        } catch (IOException | GeneralSecurityException e) {
            throw BadConfig.of(
                    key, "a PEM file with certificates: " + e.getClass().getSimpleName());
        }
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
