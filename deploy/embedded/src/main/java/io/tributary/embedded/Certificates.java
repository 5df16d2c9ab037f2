package io.tributary.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An authority of one's own in a folder, and what it signs, for two days; made by the JDK's keytool. For trying TLS only. */
public record Certificates(Path folder) {
    /** Of every key and store. */
    public static final String PASSWORD = "changeit";

    private static final int PATIENCE_SECONDS = 60;

    /** The authority's certificate is {@link #authority}. */
    public static Certificates in(Path folder) throws IOException, GeneralSecurityException {
        Files.createDirectories(folder);
        Certificates made = new Certificates(folder);
        made.keytool("authority", "-ext", "bc:c");
        made.certificate("authority");
        return made;
    }

    /** The authority's certificate, PEM. */
    public Path authority() {
        return folder.resolve("authority.pem");
    }

    /**
     * Makes {@code name.pem}, {@code name.key} of mode 600, and {@code name.p12} with both and nothing else, signed by the
     * authority.
     *
     * @param alternativeName as keytool takes it, such as {@code ip:127.0.0.1} or {@code dns:localhost}
     */
    public void sign(String name, String alternativeName) throws IOException, GeneralSecurityException {
        keytool(name, "-signer", "authority", "-ext", "san=" + alternativeName);
        certificate(name);
        Path key = folder.resolve(name + ".key");
        Files.createFile(key, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        KeyStore one = keyStore(name);
        byte[] encoded = one.getKey(name, PASSWORD.toCharArray()).getEncoded();
        Files.writeString(key, pem("PRIVATE KEY", encoded));
        try (OutputStream out = Files.newOutputStream(keyStoreFile(name))) {
            one.store(out, PASSWORD.toCharArray());
        }
    }

    /** PKCS12, with one key. */
    public Path keyStoreFile(String name) {
        return folder.resolve(name + ".p12");
    }

    /** One key with its chain. */
    public KeyStore keyStore(String name) throws IOException, GeneralSecurityException {
        char[] password = PASSWORD.toCharArray();
        KeyStore all = store();
        KeyStore one = KeyStore.getInstance("PKCS12");
        one.load(null, null);
        one.setKeyEntry(name, all.getKey(name, password), password, all.getCertificateChain(name));
        return one;
    }

    private KeyStore store() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve("all.p12"))) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    private void certificate(String name) throws IOException, GeneralSecurityException {
        Files.writeString(
                folder.resolve(name + ".pem"),
                pem("CERTIFICATE", store().getCertificate(name).getEncoded()));
    }

    private static String pem(String what, byte[] encoded) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded) + "\n-----END " + what
                + "-----\n";
    }

    private void keytool(String alias, String... more) throws IOException {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                alias,
                "-dname",
                "CN=" + alias,
                "-keyalg",
                "EC",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                folder.resolve("all.p12").toString(),
                "-storepass",
                PASSWORD));
        line.addAll(List.of(more));
        Process keytool = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(alias + ".log").toFile())
                .start();
        try {
            if (!keytool.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
                throw new IOException("keytool failed, see " + folder.resolve(alias + ".log"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while keytool ran");
        } finally {
            keytool.destroyForcibly();
        }
    }
}
