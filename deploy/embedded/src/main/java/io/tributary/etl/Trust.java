package io.tributary.etl;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Whose certificates are believed: those of a PEM file and nobody else's. */
final class Trust {
    private static final int MAX_FILE_BYTES = 1024 * 1024;

    private Trust() {}

    /**
     * Reads one or more certificates.
     *
     * @param file as it was given, for messages
     * @param here what it begins at
     */
    static SSLContext read(Path file, Path here) {
        String named = "--ca-file " + Text.printable(file.toString());
        byte[] pem;
        try (InputStream bytes = Files.newInputStream(here.resolve(file))) {
            pem = bytes.readNBytes(MAX_FILE_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw EtlFailure.usage(named + ": there is no such file");
        } catch (IOException e) {
            throw EtlFailure.usage(named + " can not be read (" + e.getClass().getSimpleName() + ")");
        }
        if (pem.length > MAX_FILE_BYTES) {
            throw EtlFailure.usage(named + " is larger than " + MAX_FILE_BYTES + " bytes, expected certificates");
        }
        return trusting(certificates(named, pem));
    }

    private static Collection<? extends Certificate> certificates(String named, byte[] pem) {
        Collection<? extends Certificate> found;
        try {
            found = CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem));
        } catch (CertificateException e) {
            throw new EtlFailure(ExitCode.USAGE, named + " holds something else than certificates (PEM)", e);
        }
        if (found.isEmpty()) {
            throw EtlFailure.usage(named + " holds no certificate (PEM)");
        }
        return found;
    }

    private static SSLContext trusting(Collection<? extends Certificate> certificates) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate certificate : certificates) {
                store.setCertificateEntry("ca-" + number++, certificate);
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("this JVM has no TLS", e);
        }
    }
}
