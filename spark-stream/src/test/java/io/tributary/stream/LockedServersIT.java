package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.datastax.oss.driver.api.core.CqlSession;
import io.tributary.embedded.Certificates;
import io.tributary.embedded.EmbeddedStack;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.Locks;
import io.tributary.embedded.StackListener;
import io.tributary.embedded.StackOptions;
import io.tributary.schemas.SchemaRegistry;
import io.tributary.schemas.UserEvent;
import io.tributary.schemas.UserEventEncoder;
import io.tributary.schemas.UserEventSchema;
import io.tributary.stream.cassandra.CassandraSessions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The stream's clients of Kafka and of Cassandra against real ones that speak TLS only and let in only whom they know. */
class LockedServersIT {
    private static final String TOPIC = "randomuser.users";
    private static final String DEAD_LETTERS = "randomuser.users.dlq";
    private static final String SECRET = "p4ss\"w\\0rd; #";
    private static final String WRONG = "wr0ng-s3cret";
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Queue<String> SAID = new ConcurrentLinkedQueue<>();

    @TempDir
    static Path dir;

    private static Certificates ours;
    private static Certificates others;
    private static Locks locks;
    private static EmbeddedStack stack;
    private static Admin admin;
    private static SparkSession spark;

    /** What a client that must not get in was given. */
    record Given(String what, String host, boolean trustsOurs, String password, String reason) {
        @Override
        public String toString() {
            return what;
        }
    }

    static Stream<Given> refused() {
        return Stream.of(
                new Given("a wrong password", "127.0.0.1", true, WRONG, "AuthenticationException"),
                new Given("another authority", "127.0.0.1", false, SECRET, "PKIX path"),
                new Given("another host's certificate", "localhost", true, SECRET, "No name matching localhost"));
    }

    @BeforeAll
    static void lock() throws Exception {
        ours = Certificates.in(dir.resolve("our ca"));
        ours.sign("here", "ip:127.0.0.1");
        others = Certificates.in(dir.resolve("others"));
        locks = new Locks(ours, "here");
        StackOptions open = StackOptions.of(Path.of(".."))
                .withDataDir(dir.resolve("data"))
                .withParts(Set.of(Part.KAFKA, Part.CASSANDRA, Part.REGISTRY));
        stack = EmbeddedStack.start(locks.on(open, Map.of()), StackListener.SILENT);
        admin = Admin.create(locks.admin(kafka("127.0.0.1")).client(Map.of()));
        letIn();
        listen();
        spark = StreamSession.begin(settings("127.0.0.1", ours, SECRET));
        spark.sparkContext().addSparkListener(new SparkListener() {
            @Override
            public void onOtherEvent(SparkListenerEvent event) {
                SAID.add(event.toString()); // with the plans: it is what an event log would hold
            }
        });
    }

    @AfterAll
    static void end() {
        spark.stop();
        admin.close();
        stack.close();
    }

    @AfterEach
    void nothingSecretWasSaid() {
        assertThat(SAID)
                .isNotEmpty()
                .noneSatisfy(text -> assertThat(text).contains("p4ss"))
                .noneSatisfy(text -> assertThat(text).contains(WRONG));
    }

    @Test
    void whoIsKnownReadsWritesAndSetsAside() throws Exception {
        // Given
        StreamSettings settings = settings("127.0.0.1", ours, SECRET);
        UUID run = UUID.randomUUID();
        long before = end(DEAD_LETTERS);
        CqlSession session = StreamQueries.session(settings);
        StreamQueries queries = queries(settings, new StreamState(session).claim(settings.window()));
        StreamingQuery query = queries.users().start();
        // When
        publish(Pages.page(run, 1, 20, new Random(1)));
        // Then
        await().atMost(PATIENCE)
                .until(() -> session.execute("select run_id from tributary.users_by_id").all().stream()
                                .filter(row -> run.equals(row.getUuid("run_id")))
                                .count()
                        == 20);
        await().atMost(PATIENCE).until(() -> end(DEAD_LETTERS) == before + 1);
        query.stop();
        assertThat(session.execute(
                                "select ssl_enabled from system_views.clients where username = 'stream' allow filtering")
                        .all())
                .isNotEmpty()
                .allMatch(row -> row.getBoolean("ssl_enabled"));
        try (Admin own = Admin.create(settings.kafka().client(Map.of()))) {
            own.alterConsumerGroupOffsets(
                            settings.group(), Map.of(new TopicPartition(TOPIC, 0), new OffsetAndMetadata(0)))
                    .all()
                    .get();
            assertThat(TopicFacts.read(own, TOPIC)).isPresent();
            assertThat(TopicFacts.read(own, DEAD_LETTERS)).isPresent();
        }
        assertThat(SAID)
                .anyMatch(text -> text.contains("Config values") && text.contains("sasl.jaas.config = [hidden]"));
        assertThat(SAID).anyMatch(text -> text.contains("SparkListenerSQLExecutionStart"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whoIsNotLetInSaysWhy(Given given) throws Exception {
        // Given
        StreamSettings settings = settings(given.host, given.trustsOurs ? ours : others, given.password);
        // Then
        assertThatThrownBy(() -> StreamQueries.session(settings))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no session with Cassandra at [" + settings.cassandra())
                .hasStackTraceContaining(given.reason);
        assertThatThrownBy(() -> setAside(settings))
                .isInstanceOf(IOException.class)
                .hasStackTraceContaining(given.reason);
    }

    @Test
    void aQueryThatIsNotLetInSaysWhy() throws Exception {
        // Given
        StreamSettings settings = settings("127.0.0.1", ours, WRONG);
        // When
        StreamingQuery query = queries(settings, 1).users().start();
        // Then
        assertThatThrownBy(query::awaitTermination)
                .isInstanceOf(StreamingQueryException.class)
                .hasStackTraceContaining("SaslAuthenticationException");
    }

    @Test
    void deadLettersGoOnOnceThePasswordIsMended() throws Exception {
        // Given
        password("late", WRONG);
        allow("late", ResourceType.TOPIC, DEAD_LETTERS, AclOperation.WRITE);
        StreamSettings settings = settings("late", "127.0.0.1", ours, SECRET);
        assertThatThrownBy(() -> setAside(settings)).isInstanceOf(IOException.class);
        // When
        password("late", SECRET);
        // Then
        await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            setAside(settings);
            return true;
        });
    }

    private static StreamQueries queries(StreamSettings settings, int generation) {
        return new StreamQueries(spark, settings, generation, new DeadLetterCounts(spark.sparkContext()));
    }

    private static void setAside(StreamSettings settings) throws IOException {
        DeadLetters letters = DeadLetters.on(settings.kafka(), DEAD_LETTERS);
        letters.send(TOPIC, 0, 0, new UserEvents.Refused("malformed", "a test"), new byte[1]);
        letters.flush();
    }

    private static String kafka(String host) {
        return stack.addresses().kafkaBootstrap().orElseThrow().replaceFirst("127[.]0[.]0[.]1", host);
    }

    private static StreamSettings settings(String host, Certificates trusted, String password) throws IOException {
        return settings("stream", host, trusted, password);
    }

    /** By what an operator sets. */
    private static StreamSettings settings(String user, String host, Certificates trusted, String password)
            throws IOException {
        String authorities = trusted.authority().toString();
        String secret = locks.password(password).toString();
        return StreamSettings.read(Map.ofEntries(
                Map.entry("STREAM_KAFKA_BOOTSTRAP", kafka(host)),
                Map.entry("STREAM_KAFKA_SECURITY", "SASL_SSL"),
                Map.entry("STREAM_KAFKA_CA_FILE", authorities),
                Map.entry("STREAM_KAFKA_USER", user),
                Map.entry("STREAM_KAFKA_PASSWORD_FILE", secret),
                Map.entry(
                        "STREAM_CASSANDRA_CONTACT",
                        stack.addresses().cassandraContact().orElseThrow().replaceFirst("127[.]0[.]0[.]1", host)),
                Map.entry("STREAM_CASSANDRA_CA_FILE", authorities),
                Map.entry("STREAM_CASSANDRA_USER", user),
                Map.entry("STREAM_CASSANDRA_PASSWORD_FILE", secret),
                Map.entry(
                        "STREAM_REGISTRY_URL",
                        stack.addresses().registryUrl().orElseThrow().toString()),
                Map.entry(
                        "STREAM_CHECKPOINT_DIR",
                        dir.resolve(UUID.randomUUID().toString()).toString())));
    }

    /** What the stream may do, and no more. */
    private static void letIn() throws Exception {
        password("stream", SECRET);
        allow("stream", ResourceType.TOPIC, TOPIC, AclOperation.READ);
        allow("stream", ResourceType.TOPIC, DEAD_LETTERS, AclOperation.WRITE);
        allow("stream", ResourceType.TOPIC, TOPIC, AclOperation.DESCRIBE_CONFIGS);
        allow("stream", ResourceType.TOPIC, DEAD_LETTERS, AclOperation.DESCRIBE_CONFIGS);
        allow("stream", ResourceType.GROUP, "tributary-stream", AclOperation.READ);
        Path superuser = locks.password(Locks.SUPERUSER);
        CassandraSessions.shared(Map.of(
                        "contactPoints", stack.addresses().cassandraContact().orElseThrow(),
                        "datacenter", stack.addresses().datacenter(),
                        "keyspace", "tributary",
                        "table", "users_by_id",
                        "authoritiesFile", ours.authority().toString(),
                        "user", Locks.SUPERUSER,
                        "passwordFile", superuser.toString()))
                .execute("create role stream with login = true and password = '" + SECRET + "'");
    }

    private static void password(String user, String password) throws Exception {
        ScramCredentialInfo scram = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096);
        admin.alterUserScramCredentials(List.of(
                        new UserScramCredentialUpsertion(user, scram, password.getBytes(StandardCharsets.UTF_8))))
                .all()
                .get();
    }

    private static void allow(String user, ResourceType type, String name, AclOperation operation) throws Exception {
        admin.createAcls(List.of(new AclBinding(
                        new ResourcePattern(type, name, PatternType.LITERAL),
                        new AccessControlEntry("User:" + user, "*", operation, AclPermissionType.ALLOW))))
                .all()
                .get();
    }

    /** These users, and a record that is none. */
    private static void publish(List<UserEvent> users) throws Exception {
        SchemaRegistry registry =
                new SchemaRegistry(stack.addresses().registryUrl().orElseThrow(), PATIENCE);
        int id = registry.register(UserEventSchema.subjectOf(TOPIC), UserEventSchema.schema())
                .get();
        UserEventEncoder encoder = new UserEventEncoder();
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                locks.admin(kafka("127.0.0.1")).client(Map.of()), new StringSerializer(), new ByteArraySerializer())) {
            for (UserEvent user : users) {
                producer.send(new ProducerRecord<>(TOPIC, UserEventEncoder.framed(id, encoder.body(user))));
            }
            producer.send(new ProducerRecord<>(TOPIC, new byte[] {9, 9, 9, 9, 9, 9}))
                    .get();
        }
    }

    private static long end(String topic) throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        return admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                .partitionResult(partition)
                .get()
                .offset();
    }

    /** To all that the clients and Spark's source have to say, at the level where they print their settings. */
    private static void listen() {
        AbstractAppender appender = new AbstractAppender("said", null, null, true, Property.EMPTY_ARRAY) {
            @Override
            public void append(LogEvent event) {
                SAID.add(event.getMessage().getFormattedMessage() + " " + event.getThrown());
            }
        };
        appender.start();
        for (String name : List.of("org.apache.kafka", "org.apache.spark.sql", "com.datastax")) {
            Configurator.setLevel(name, Level.INFO);
            Logger logger = (Logger) LogManager.getLogger(name);
            logger.addAppender(appender);
            logger.setAdditive(false);
        }
        Configurator.setLevel("org.apache.spark.sql.kafka010", Level.DEBUG); // tells what its consumers were given
    }
}
