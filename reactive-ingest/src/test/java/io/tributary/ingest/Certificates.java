package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An authority of our own in a folder, and what it signs; made by the JDK's keytool. */
public record Certificates(Path folder) {
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

    public Path authority() {
        return folder.resolve("authority.pem");
    }

    /** Makes {@code name.pem} and {@code name.key} of mode 600, signed by the authority. */
    public void sign(String name, String alternativeName) throws IOException, GeneralSecurityException {
        keytool(name, "-signer", "authority", "-ext", "san=" + alternativeName);
        certificate(name);
        Path key = folder.resolve(name + ".key");
        Files.createFile(key, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        byte[] encoded = store().getKey(name, PASSWORD.toCharArray()).getEncoded();
        Files.writeString(key, pem("PRIVATE KEY", encoded));
    }

    public KeyStore store() throws IOException, GeneralSecurityException {
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
            assertThat(keytool.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            keytool.destroyForcibly();
            throw new IOException(e);
        }
        assertThat(keytool.exitValue()).as("%s", folder.resolve(alias + ".log")).isZero();
    }
}
