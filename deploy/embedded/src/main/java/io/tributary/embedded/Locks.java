package io.tributary.embedded;

import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.schemas.Brokers;
import io.tributary.schemas.Security;
import io.tributary.schemas.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Kafka and Cassandra that speak TLS only, with a certificate that {@code certificates} signed, and let in whom they know:
 * Kafka by PLAIN ({@value #ADMIN} and who is given) and by SCRAM, with rights for its superuser only until others are
 * granted; Cassandra by its own roles, first of all {@value #SUPERUSER}. For trying how clients protect their connections.
 */
public record Locks(Certificates certificates, String certificate) {
    /** Kafka's superuser; its password is {@link Certificates#PASSWORD}. */
    public static final String ADMIN = "admin";

    /** Cassandra's, and its password: those of a new node. */
    public static final String SUPERUSER = "cassandra";

    private static final String PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule";
    private static final String SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule";

    /**
     * The same stack, locked.
     *
     * @param plain passwords by user, for Kafka's mechanism PLAIN
     */
    public StackOptions on(StackOptions options, Map<String, String> plain) throws IOException {
        StackOptions locked = options.withKeys(new Keys(admin("127.0.0.1:1").protection(), superuser()));
        for (Map.Entry<String, String> line : kafka(plain).entrySet()) {
            locked = locked.withSetting(Part.KAFKA, line.getKey(), line.getValue());
        }
        String store = certificates.keyStoreFile(certificate).toString().replace("'", "''");
        return locked.withSetting(Part.CASSANDRA, "authenticator", "PasswordAuthenticator")
                .withSetting(
                        Part.CASSANDRA,
                        "client_encryption_options",
                        "{enabled: true, optional: false, store_type: PKCS12, keystore: '" + store
                                + "', keystore_password: '" + Certificates.PASSWORD + "'}");
    }

    /** How Kafka's superuser comes in. */
    public Brokers admin(String bootstrap) throws IOException {
        return Brokers.read(
                Settings.read(
                        "KEY_",
                        Map.of(
                                "KEY_BOOTSTRAP",
                                bootstrap,
                                "KEY_SECURITY",
                                "SASL_SSL",
                                "KEY_SASL_MECHANISM",
                                "PLAIN",
                                "KEY_CA_FILE",
                                certificates.authority().toString(),
                                "KEY_USER",
                                ADMIN,
                                "KEY_PASSWORD_FILE",
                                password(Certificates.PASSWORD).toString())),
                "KEY");
    }

    /** How Cassandra's superuser comes in. */
    public Security superuser() throws IOException {
        return Security.read(
                Settings.read(
                        "KEY_",
                        Map.of(
                                "KEY_CA_FILE",
                                certificates.authority().toString(),
                                "KEY_USER",
                                SUPERUSER,
                                "KEY_PASSWORD_FILE",
                                password(SUPERUSER).toString())),
                "KEY");
    }

    /** A file with this password and nothing else. */
    public Path password(String password) throws IOException {
        Path file = Files.createTempFile(certificates.folder(), "password", ""); // of mode 600
        return Files.writeString(file, password);
    }

    /** The stack's only listener for clients keeps its name and address. */
    private Map<String, String> kafka(Map<String, String> plain) {
        StringBuilder users = new StringBuilder(" required username=" + quoted(ADMIN) + " password="
                + quoted(Certificates.PASSWORD) + " user_" + ADMIN + "=" + quoted(Certificates.PASSWORD));
        plain.forEach((user, password) ->
                users.append(" user_").append(user).append('=').append(quoted(password)));
        return Map.ofEntries(
                Map.entry("listener.security.protocol.map", "PLAINTEXT:SASL_SSL,CONTROLLER:PLAINTEXT"),
                Map.entry("sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-512"),
                Map.entry("sasl.mechanism.inter.broker.protocol", "PLAIN"),
                Map.entry("listener.name.plaintext.plain.sasl.jaas.config", PLAIN + users + ";"),
                Map.entry("listener.name.plaintext.scram-sha-512.sasl.jaas.config", SCRAM + " required;"),
                Map.entry("ssl.keystore.type", "PKCS12"),
                Map.entry(
                        "ssl.keystore.location",
                        certificates.keyStoreFile(certificate).toString()),
                Map.entry("ssl.keystore.password", Certificates.PASSWORD),
                Map.entry("ssl.truststore.type", "PEM"),
                Map.entry("ssl.truststore.location", certificates.authority().toString()),
                Map.entry("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
                Map.entry("super.users", "User:" + ADMIN + ";User:ANONYMOUS")); // who speaks with the controller
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
