package io.tributary.etl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.etl.ApiException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --ca-file} against a server whose certificate the JDK's keytool has made. */
class TrustTest {
    private static final String PASSWORD = "only-of-this-test";

    @TempDir
    Path folder;

    @Test
    void theCertificatesOfTheFileAreBelieved() throws Exception {
        // Given
        SSLContext identity = identity("ip:127.0.0.1");
        try (FakeIngest ingest = FakeIngest.encrypted(identity)) {
            ingest.answer("GET /api/v1/runs?limit=1", 200, "{\"runs\":[]}");
            ControlApi api = new ControlApi(ingest.url(), Optional.empty(), Optional.of(trust("ca.pem")));
            // When
            List<Run> runs = ControlApi.runsIn(api.runs(1));
            // Then
            assertThat(runs).isEmpty();
            assertThat(ingest.requests).hasSize(1);
        }
    }

    @Test
    void aCertificateThatNobodyVouchesForIsRefusedOnceAndForAll() throws Exception {
        // Given
        try (FakeIngest ingest = FakeIngest.encrypted(identity("ip:127.0.0.1"))) {
            ControlApi api = new ControlApi(ingest.url());
            // When
            assertThatThrownBy(() -> api.runs(1))
                    // Then
                    .hasMessageContaining("is not trusted (")
                    .hasMessageContaining("--ca-file")
                    .isInstanceOfSatisfying(ApiException.class, e -> {
                        assertThat(e.kind()).isEqualTo(Kind.UNTRUSTED);
                        assertThat(e.isTransient()).isFalse();
                    });
            assertThat(ingest.requests).isEmpty();
        }
    }

    @Test
    void aCertificateOfAnotherHostIsRefusedAlthoughItsMakerIsTrusted() throws Exception {
        // Given
        try (FakeIngest ingest = FakeIngest.encrypted(identity("dns:elsewhere.example"))) {
            ControlApi api = new ControlApi(ingest.url(), Optional.empty(), Optional.of(trust("ca.pem")));
            // When
            assertThatThrownBy(() -> api.runs(1))
                    // Then
                    .hasMessageContaining("is not trusted (")
                    .hasMessageContaining("127.0.0.1");
            assertThat(ingest.requests).isEmpty();
        }
    }

    @Test
    void aFileWithoutCertificatesIsNamed() throws IOException {
        // Given
        Files.writeString(folder.resolve("empty.pem"), "");
        Files.writeString(
                folder.resolve("other.pem"), "-----BEGIN CERTIFICATE-----\nbm90\n-----END CERTIFICATE-----\n");
        // When
        assertThatThrownBy(() -> trust("empty.pem"))
                // Then
                .hasMessage("--ca-file empty.pem holds no certificate (PEM)");
        assertThatThrownBy(() -> trust("other.pem"))
                .hasMessage("--ca-file other.pem holds something else than certificates (PEM)");
        assertThatThrownBy(() -> trust("none.pem")).hasMessage("--ca-file none.pem: there is no such file");
    }

    private SSLContext trust(String file) {
        return Trust.read(Path.of(file), folder);
    }

    /** A new key with a certificate of its own, which goes to ca.pem. */
    private SSLContext identity(String host) throws IOException, GeneralSecurityException, InterruptedException {
        keytool("-genkeypair", "-keyalg", "EC", "-dname", "CN=ingest", "-ext", "san=" + host, "-validity", "1");
        keytool("-exportcert", "-rfc", "-file", folder.resolve("ca.pem").toString());
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream bytes = Files.newInputStream(folder.resolve("keys.p12"))) {
            store.load(bytes, PASSWORD.toCharArray());
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private void keytool(String... arguments) throws IOException, InterruptedException {
        Path tool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        ProcessBuilder builder = new ProcessBuilder(tool.toString());
        builder.command().addAll(List.of(arguments));
        builder.command()
                .addAll(List.of(
                        "-alias",
                        "ingest",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        folder.resolve("keys.p12").toString()));
        Process process = builder.redirectErrorStream(true).start();
        String words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(words).isZero();
    }
}
