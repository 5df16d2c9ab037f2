package io.tributary.stream;

import io.tributary.schemas.BadConfig;
import io.tributary.schemas.Brokers;
import io.tributary.schemas.RegistryAddress;
import io.tributary.schemas.Security;
import io.tributary.schemas.Settings;
import io.tributary.schemas.ThisMachine;
import java.io.Serializable;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What can be set, all by {@code STREAM_*}, read once.
 *
 * @param cassandra {@code host:port}, several with commas between
 * @param cassandraLogin the sink's options for TLS and login; they name files, so the same must lie on every worker
 * @param checkpoints folder of the queries' progress and state, one below for each; also holds Spark's scratch files where
 *     it is a local one
 * @param window width of the counted windows
 * @param trigger pause between the starts of two micro-batches
 * @param realTime time between two checkpoints of the users' query in Spark's real-time mode, 0 for micro-batches
 * @param stateTtl after which a page without new users is forgotten; runs through outages
 * @param group consumer group that shows how far the stream is
 * @param topicRules what the topic must be like
 */
record StreamSettings(
        String master,
        Brokers kafka,
        String topic,
        String deadLetterTopic,
        RegistryAddress registry,
        String cassandra,
        String datacenter,
        Map<String, String> cassandraLogin,
        String checkpoints,
        Duration window,
        Duration trigger,
        Duration realTime,
        Duration stateTtl,
        String group,
        TopicRules topicRules,
        String httpHost,
        int httpPort)
        implements Serializable {

    private static final Duration LEAST_REAL_TIME = Duration.ofSeconds(5);
    private static final Pattern LOCAL = Pattern.compile("local\\[(\\d{1,4})]");
    private static final String CASSANDRA = "127.0.0.1:9042";

    /** Throws {@link BadConfig} naming the key. */
    static StreamSettings read(Map<String, String> environment) {
        Settings given = Settings.read("STREAM_", environment);
        StreamSettings settings = new StreamSettings(
                given.text("STREAM_MASTER", "local[4]"),
                Brokers.read(given, "STREAM_KAFKA"),
                given.text("STREAM_TOPIC", "randomuser.users"),
                given.text("STREAM_DLQ_TOPIC", "randomuser.users.dlq"),
                RegistryAddress.read(given, "STREAM_REGISTRY", "http://127.0.0.1:8081/apis/ccompat/v7"),
                given.text("STREAM_CASSANDRA_CONTACT", CASSANDRA),
                given.text("STREAM_CASSANDRA_DATACENTER", "datacenter1"),
                cassandraLogin(given),
                given.required("STREAM_CHECKPOINT_DIR", "a folder for progress and state"),
                given.duration("STREAM_WINDOW", Duration.ofMinutes(1), Duration.ofSeconds(1), Duration.ofDays(1)),
                given.duration("STREAM_TRIGGER", Duration.ofMillis(100), Duration.ZERO, Duration.ofMinutes(5)),
                realTime(given),
                given.duration("STREAM_STATE_TTL", Duration.ofDays(7), Duration.ofHours(1), Duration.ofDays(365)),
                given.text("STREAM_GROUP", "tributary-stream"),
                topicRules(given),
                given.text("STREAM_HTTP_HOST", "127.0.0.1"),
                given.port("STREAM_HTTP_PORT", 8082));
        given.refuseUnknown();
        return settings;
    }

    /** Spark refuses less than {@link #LEAST_REAL_TIME}. */
    private static Duration realTime(Settings given) {
        Duration asked = given.duration("STREAM_REAL_TIME", Duration.ZERO, Duration.ZERO, Duration.ofMinutes(5));
        if (!asked.isZero() && asked.compareTo(LEAST_REAL_TIME) < 0) {
            throw BadConfig.of("STREAM_REAL_TIME", "0s, or " + LEAST_REAL_TIME + " to " + Duration.ofMinutes(5));
        }
        return asked;
    }

    boolean isRealTime() {
        return !realTime.isZero();
    }

    /**
     * Spark's master. In real-time mode each partition of the topic holds a core for ever; where all is in one JVM these are
     * added to those asked for.
     */
    String cores() {
        Matcher local = LOCAL.matcher(master);
        if (!isRealTime() || !local.matches()) {
            return master;
        }
        return "local[" + (Integer.parseInt(local.group(1)) + topicRules.leastPartitions()) + "]";
    }

    private static TopicRules topicRules(Settings given) {
        String mode = given.text("STREAM_REQUIRE_TOPIC", "lenient");
        if (!mode.equals("strict") && !mode.equals("lenient")) {
            throw BadConfig.of("STREAM_REQUIRE_TOPIC", "strict or lenient");
        }
        return new TopicRules(
                mode.equals("strict"),
                given.whole("STREAM_TOPIC_PARTITIONS", 4, 1, 10_000, "partitions"),
                given.duration(
                        "STREAM_TOPIC_RETENTION", Duration.ofDays(7), Duration.ofHours(1), Duration.ofDays(3650)));
    }

    /** Read here already, so that a file that can not be used is known before the start. */
    private static Map<String, String> cassandraLogin(Settings given) {
        Security security = Security.read(given, "STREAM_CASSANDRA");
        boolean here = Arrays.stream(
                        given.text("STREAM_CASSANDRA_CONTACT", CASSANDRA).split(",", -1))
                .allMatch(contact -> ThisMachine.is(contact.strip().replaceFirst(":\\d+$", "")));
        if (security.login().isPresent() && security.authorities().isEmpty() && !here) {
            throw BadConfig.of(
                    "STREAM_CASSANDRA_CA_FILE", "a file with STREAM_CASSANDRA_USER: the password would be readable");
        }
        Map<String, String> options = new HashMap<>();
        security.authorities()
                .ifPresent(authorities -> options.put(
                        "authoritiesFile", authorities.file().toAbsolutePath().toString()));
        security.login().ifPresent(login -> options.put("user", login.user()));
        given.secretFile("STREAM_CASSANDRA_PASSWORD_FILE")
                .ifPresent(file ->
                        options.put("passwordFile", file.toAbsolutePath().toString()));
        return Map.copyOf(options);
    }
}
