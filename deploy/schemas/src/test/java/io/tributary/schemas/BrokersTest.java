package io.tributary.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrokersTest {
    private static final String SECRET = "p4ss\"w\\0rd;";

    @TempDir
    private Path dir;

    private final Map<String, String> given = new HashMap<>();
    private Path password;

    @BeforeEach
    void aPassword() throws IOException {
        password = Files.writeString(dir.resolve("password"), SECRET + "\n");
    }

    @Test
    void withoutASettingNothingIsProtected() {
        assertThat(read().client(Map.of("acks", "all")))
                .isEqualTo(Map.of("bootstrap.servers", "127.0.0.1:9092", "acks", "all"));
    }

    @Test
    void tlsAloneChecksTheHostsName() {
        given.put("T_SECURITY", "SSL");
        assertThat(read().protection())
                .isEqualTo(Map.of("security.protocol", "SSL", "ssl.endpoint.identification.algorithm", "https"));
    }

    @ParameterizedTest
    @CsvSource({
        "SCRAM-SHA-512,org.apache.kafka.common.security.scram.ScramLoginModule",
        "PLAIN,org.apache.kafka.common.security.plain.PlainLoginModule"
    })
    void aLoginIsQuotedForJaas(String mechanism, String module) {
        login();
        given.put("T_SASL_MECHANISM", mechanism);
        assertThat(read().protection())
                .containsEntry("security.protocol", "SASL_SSL")
                .containsEntry("ssl.endpoint.identification.algorithm", "https")
                .containsEntry("sasl.mechanism", mechanism)
                .containsEntry(
                        "sasl.jaas.config", module + " required username=\"ingest\" password=\"p4ss\\\"w\\\\0rd;\";");
    }

    @Test
    void thePasswordIsNotShown() {
        login();
        assertThat(read().toString()).isEqualTo("SASL_SSL://127.0.0.1:9092");
    }

    @ParameterizedTest
    @CsvSource({
        "SASL_PLAINTEXT,T_SECURITY", // the password would be readable
        "PLAINTEXT,T_SECURITY",
        "SSL,T_SECURITY"
    })
    void aLoginIsNotLeftOutInSilence(String protocol, String key) {
        login();
        given.put("T_SECURITY", protocol);
        assertThatThrownBy(this::read).isInstanceOf(BadConfig.class).hasMessageStartingWith(key);
    }

    @ParameterizedTest
    @CsvSource({
        "T_SECURITY,SASL_SSL,T_USER",
        "T_SASL_MECHANISM,PLAIN,T_SECURITY",
        "T_SASL_MECHANISM,GSSAPI,T_SECURITY",
        "T_SECURITY,ssl,T_SECURITY"
    })
    void whatDoesNotFitIsRefusedByItsKey(String key, String value, String named) {
        given.put(key, value);
        assertThatThrownBy(this::read).isInstanceOf(BadConfig.class).hasMessageStartingWith(named);
    }

    private void login() {
        given.put("T_SECURITY", "SASL_SSL");
        given.put("T_USER", "ingest");
        given.put("T_PASSWORD_FILE", password.toString());
    }

    private Brokers read() {
        return Brokers.read(Settings.read("T_", given), "T");
    }
}
