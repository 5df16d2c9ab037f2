package io.tributary.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.BasicAuthenticator;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.tributary.embedded.Certificates;
import io.tributary.schemas.SchemaRegistry;
import io.tributary.schemas.SchemaRegistry.RegistryFailed;
import io.tributary.schemas.Security;
import io.tributary.schemas.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionException;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The registry's client against an HTTPS server that asks who is there. */
class RegistryOverTlsTest {
    private static final String SECRET = "p4ss\"w0rd";

    @TempDir
    static Path dir;

    private static Certificates ours;
    private static Certificates others;

    private HttpsServer server;

    @BeforeAll
    static void certify() throws IOException, GeneralSecurityException {
        ours = Certificates.in(dir.resolve("ours"));
        ours.sign("here", "ip:127.0.0.1");
        ours.sign("elsewhere", "dns:elsewhere.test");
        others = Certificates.in(dir.resolve("others"));
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void theRightAuthorityAndLoginLetIn() throws IOException, GeneralSecurityException {
        registry("here", ours, SECRET).ping().join();
    }

    @Test
    void anotherAuthorityIsRefused() throws IOException, GeneralSecurityException {
        SchemaRegistry registry = registry("here", others, SECRET);
        assertThatThrownBy(() -> registry.ping().join())
                .hasCauseInstanceOf(RegistryFailed.class)
                .hasStackTraceContaining("PKIX path");
    }

    @Test
    void aCertificateForAnotherHostIsRefused() throws IOException, GeneralSecurityException {
        SchemaRegistry registry = registry("elsewhere", ours, SECRET);
        assertThatThrownBy(() -> registry.ping().join())
                .hasCauseInstanceOf(RegistryFailed.class)
                .hasStackTraceContaining("No subject alternative names");
    }

    @Test
    void aWrongPasswordMayBeMendedAndIsNotShown() throws IOException, GeneralSecurityException {
        SchemaRegistry registry = registry("here", ours, "wr0ng");
        assertThatThrownBy(() -> registry.ping().join())
                .isInstanceOf(CompletionException.class)
                .hasMessageContaining("401")
                .hasMessageNotContaining("wr0ng")
                .cause()
                .isInstanceOfSatisfying(
                        RegistryFailed.class, e -> assertThat(e.isTransient()).isTrue());
    }

    private SchemaRegistry registry(String certificate, Certificates trusted, String password)
            throws IOException, GeneralSecurityException {
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(showing(certificate)));
        server.createContext("/subjects", exchange -> {
                    byte[] none = "[]".getBytes(UTF_8);
                    exchange.sendResponseHeaders(200, none.length);
                    exchange.getResponseBody().write(none);
                    exchange.close();
                })
                .setAuthenticator(new BasicAuthenticator("registry") {
                    @Override
                    public boolean checkCredentials(String user, String given) {
                        return user.equals("ingest") && given.equals(SECRET);
                    }
                });
        server.start();
        Path secret = Files.writeString(dir.resolve("secret"), password);
        Settings settings = Settings.read(
                "T_",
                Map.of(
                        "T_CA_FILE",
                        trusted.authority().toString(),
                        "T_USER",
                        "ingest",
                        "T_PASSWORD_FILE",
                        secret.toString()));
        return new SchemaRegistry(
                URI.create("https://127.0.0.1:" + server.getAddress().getPort()),
                Duration.ofSeconds(20),
                Security.read(settings, "T"));
    }

    private static SSLContext showing(String name) throws IOException, GeneralSecurityException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(ours.keyStore(name), Certificates.PASSWORD.toCharArray());
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), null, null);
        return tls;
    }
}
