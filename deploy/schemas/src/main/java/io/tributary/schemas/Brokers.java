package io.tributary.schemas;

import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The brokers of a Kafka cluster and how their clients protect what they say. Every client's settings are made here. Shows
 * the addresses, never the password.
 *
 * @param bootstrap {@code host:port}, several with commas between
 * @param protection settings that each client needs beside its own; they hold the password
 */
public record Brokers(String bootstrap, Map<String, String> protection) implements Serializable {
    private static final List<String> PROTOCOLS = List.of("PLAINTEXT", "SSL", "SASL_SSL");
    private static final String LOGIN = "SASL_SSL";

    /** What Kafka calls a mechanism, and the module of its clients that knows it. */
    private static final Map<String, String> MODULES = Map.of(
            "SCRAM-SHA-512", "org.apache.kafka.common.security.scram.ScramLoginModule",
            "PLAIN", "org.apache.kafka.common.security.plain.PlainLoginModule");

    public Brokers {
        protection = Map.copyOf(protection);
    }

    /** Without TLS, as on one machine. */
    public static Brokers plain(String bootstrap) {
        return new Brokers(bootstrap, Map.of());
    }

    /**
     * Of {@code prefix_BOOTSTRAP}, {@code _SECURITY} ({@code PLAINTEXT}, {@code SSL} or {@code SASL_SSL}), {@code _CA_FILE},
     * {@code _SASL_MECHANISM}, {@code _USER} and {@code _PASSWORD_FILE}; the password is read here, once.
     *
     * @throws BadConfig naming the key, also where one is set that the protocol has no use for: better no start than a
     *     connection less protected than it looks
     */
    public static Brokers read(Settings settings, String prefix) {
        String bootstrap = settings.hostPorts(prefix + "_BOOTSTRAP", "127.0.0.1:9092");
        String protocol = settings.choice(prefix + "_SECURITY", "PLAINTEXT", PROTOCOLS);
        boolean asked = protocol.equals(LOGIN);
        Optional<String> mechanism = asked
                ? Optional.of(settings.choice(
                        prefix + "_SASL_MECHANISM",
                        "SCRAM-SHA-512",
                        MODULES.keySet().stream().sorted().toList()))
                : settings.text(prefix + "_SASL_MECHANISM");
        Security security = Security.read(settings, prefix);
        if (protocol.equals("PLAINTEXT") && security.authorities().isPresent()) {
            throw BadConfig.of(prefix + "_SECURITY", "SSL or SASL_SSL with " + prefix + "_CA_FILE");
        }
        if (!asked && (security.login().isPresent() || mechanism.isPresent())) {
            throw BadConfig.of(prefix + "_SECURITY", "SASL_SSL with a user or a mechanism");
        }
        if (asked && security.login().isEmpty()) {
            throw BadConfig.of(prefix + "_USER", "a name, and " + prefix + "_PASSWORD_FILE, with SASL_SSL");
        }
        return new Brokers(bootstrap, protection(protocol, mechanism.orElse(""), security));
    }

    private static Map<String, String> protection(String protocol, String mechanism, Security security) {
        if (protocol.equals("PLAINTEXT")) {
            return Map.of();
        }
        Map<String, String> all = new HashMap<>();
        all.put("security.protocol", protocol);
        all.put("ssl.endpoint.identification.algorithm", "https"); // the host's name is checked, whatever the default
        security.authorities().ifPresent(authorities -> {
            all.put("ssl.truststore.type", "PEM");
            all.put("ssl.truststore.location", authorities.file().toString());
        });
        security.login().ifPresent(login -> {
            all.put("sasl.mechanism", mechanism);
            all.put("sasl.jaas.config", jaas(mechanism, login));
        });
        return all;
    }

    private static String jaas(String mechanism, Login login) {
        return MODULES.get(mechanism) + " required username=" + quoted(login.user()) + " password="
                + quoted(login.password()) + ";";
    }

    /** As Kafka's reader of such a line takes it back: in quotes, with \ before a quote and before itself. */
    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** The settings of one client: its own, the address and the protection. */
    public Map<String, Object> client(Map<String, ?> own) {
        Map<String, Object> all = new HashMap<>(own);
        all.put("bootstrap.servers", bootstrap);
        all.putAll(protection);
        return all;
    }

    @Override
    public String toString() {
        return protection.getOrDefault("security.protocol", "PLAINTEXT") + "://" + bootstrap;
    }
}
