package io.tributary.ingest.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.datastax.dse.driver.api.core.cql.reactive.ReactiveRow;
import io.tributary.embedded.Certificates;
import io.tributary.embedded.EmbeddedStack;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.Locks;
import io.tributary.embedded.StackListener;
import io.tributary.embedded.StackOptions;
import io.tributary.ingest.model.IngestException;
import io.tributary.ingest.model.IngestException.PublishFailed;
import io.tributary.ingest.model.IngestException.ReadFailed;
import io.tributary.ingest.sink.kafka.KafkaCluster;
import io.tributary.ingest.sink.kafka.UserTopic;
import io.tributary.schemas.Brokers;
import io.tributary.schemas.SchemaRegistry;
import io.tributary.schemas.Security;
import io.tributary.schemas.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** Every client of Kafka and of Cassandra against real ones that speak TLS only and let in only whom they know. */
class LockedServersIT {
    private static final String TOPIC = "randomuser.users";
    private static final String SCRAM = "SCRAM-SHA-512";
    private static final String PLAIN = "PLAIN";
    /** With what has to be quoted in a line of JAAS. */
    private static final String SECRET = "p4ss\"w\\0rd; #";

    private static final String WRONG = "wr0ng-s3cret";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    static Path dir;

    private static Certificates ours;
    private static Certificates others;
    private static Locks locks;
    private static EmbeddedStack stack;
    private static Admin admin;
    private static Scheduler blocking;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Logger clients = (Logger) LoggerFactory.getLogger("org.apache.kafka");
    private @Nullable Level before;
    private final Sample sample = Sample.of(3, 3);

    /** What a client that must not get in was given. */
    record Given(String what, String host, boolean trustsOurs, String password, String reason) {
        @Override
        public String toString() {
            return what;
        }
    }

    static Stream<Given> refused() {
        return Stream.of(
                new Given("a wrong password", "127.0.0.1", true, WRONG, "the login is refused"),
                new Given("another authority", "127.0.0.1", false, SECRET, "PKIX path"),
                new Given("another host's certificate", "localhost", true, SECRET, "No name matching localhost"));
    }

    static Stream<Arguments> refusedByKafka() {
        return refused().flatMap(given -> Stream.of(SCRAM, PLAIN).map(mechanism -> Arguments.of(given, mechanism)));
    }

    @BeforeAll
    static void lock() throws IOException, GeneralSecurityException {
        ours = Certificates.in(dir.resolve("our ca"));
        ours.sign("here", "ip:127.0.0.1");
        others = Certificates.in(dir.resolve("others"));
        locks = new Locks(ours, "here");
        StackOptions open = StackOptions.of(Path.of(".."))
                .withDataDir(dir.resolve("data"))
                .withParts(Set.of(Part.KAFKA, Part.CASSANDRA, Part.REGISTRY));
        stack = EmbeddedStack.start(locks.on(open, Map.of("plain", SECRET)), StackListener.SILENT);
        admin = Admin.create(
                locks.admin(stack.addresses().kafkaBootstrap().orElseThrow()).client(Map.of()));
        allow("plain", AclOperation.READ, AclOperation.WRITE, AclOperation.DESCRIBE_CONFIGS);
        password("scram", SECRET);
        allow("scram", AclOperation.READ, AclOperation.WRITE, AclOperation.DESCRIBE_CONFIGS);
        role("ingest", SECRET);
        blocking = Schedulers.newBoundedElastic(1, 16, "locked", 60, true);
    }

    @AfterAll
    static void end() {
        blocking.dispose();
        admin.close();
        stack.close();
    }

    @BeforeEach
    void listen() {
        log.start();
        root.addAppender(log);
        before = clients.getLevel();
        clients.setLevel(Level.INFO); // at start its clients print their settings there
        clients.addAppender(log);
        clients.setAdditive(false); // they print a lot
    }

    @AfterEach
    void nothingSecretWasSaid() {
        clients.setLevel(before);
        clients.detachAppender(log);
        clients.setAdditive(true);
        root.detachAppender(log);
        assertThat(log.list).noneSatisfy(event -> assertThat(textOf(event)).containsAnyOf(SECRET, WRONG));
        assertThat(log.list).noneSatisfy(event -> assertThat(textOf(event)).contains("p4ss"));
    }

    @ParameterizedTest
    @ValueSource(strings = {SCRAM, PLAIN})
    void whoIsKnownPublishesAndReads(String mechanism) throws IOException {
        // Given
        Brokers brokers = brokers(userOf(mechanism), mechanism, "127.0.0.1", ours, SECRET);
        try (KafkaCluster cluster = new KafkaCluster(brokers, "locked", TOPIC)) {
            cluster.takesLargestRecord().block(PATIENCE);
        }
        // When
        publish(brokers).block(PATIENCE);
        // Then
        List<PageContent> read =
                records(brokers).read(sample.slice()).collectList().block(PATIENCE);
        assertThat(read).hasSize(1);
        assertThat(read.get(0).digest()).isEqualTo(sample.digest());
        assertThat(log.list)
                .extracting(LockedServersIT::textOf)
                .anyMatch(
                        text -> text.contains("ProducerConfig values") && text.contains("sasl.jaas.config = [hidden]"));
    }

    @ParameterizedTest
    @MethodSource("refusedByKafka")
    void whoIsNotLetInByKafkaSaysWhyAndMayTryAgain(Given given, String mechanism) throws IOException {
        // Given
        Brokers brokers =
                brokers(userOf(mechanism), mechanism, given.host, given.trustsOurs ? ours : others, given.password);
        // When
        StepVerifier.create(publish(brokers))
                // Then
                .verifyErrorSatisfies(e -> refused(e, PublishFailed.class, given));
        StepVerifier.create(ping(brokers)).verifyErrorSatisfies(e -> refused(e, PublishFailed.class, given));
        StepVerifier.create(records(brokers).read(sample.slice()))
                .verifyErrorSatisfies(e -> refused(e, ReadFailed.class, given));
    }

    @Test
    void aPasswordThatIsMendedAtTheBrokersLetsTheSameProcessGoOn() throws Exception {
        // Given
        password("late", WRONG);
        allow("late", AclOperation.READ, AclOperation.WRITE);
        Brokers brokers = brokers("late", SCRAM, "127.0.0.1", ours, SECRET);
        try (KafkaCluster cluster = new KafkaCluster(brokers, "late", TOPIC);
                UserTopic topic = topic(brokers, cluster)) {
            StepVerifier.create(topic.deliver(sample.captured(1))).verifyError(PublishFailed.class);
            StepVerifier.create(cluster.ping()).verifyError(PublishFailed.class);
            // When
            password("late", SECRET);
            // Then
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() ->
                            topic.deliver(sample.captured(1)).thenReturn(true).block(PATIENCE));
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> cluster.ping().thenReturn(true).block(PATIENCE));
        }
    }

    @Test
    void aRightThatIsGivenLaterLetsTheSameProcessGoOn() throws Exception {
        // Given
        password("poor", SECRET);
        Brokers brokers = brokers("poor", SCRAM, "127.0.0.1", ours, SECRET);
        try (KafkaCluster cluster = new KafkaCluster(brokers, "poor", TOPIC);
                UserTopic topic = topic(brokers, cluster)) {
            StepVerifier.create(topic.deliver(sample.captured(1)))
                    .verifyErrorSatisfies(e -> assertThat(e)
                            .isInstanceOfSatisfying(
                                    PublishFailed.class,
                                    refused -> assertThat(refused.isTransient()).isTrue())
                            .hasMessageContaining("not allowed"));
            // When
            allow("poor", AclOperation.READ, AclOperation.WRITE);
            // Then
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() ->
                            topic.deliver(sample.captured(1)).thenReturn(true).block(PATIENCE));
        }
    }

    @Test
    void whoIsKnownReadsFromCassandraThroughTls() throws IOException {
        // Given
        try (CassandraSession session = cassandra("127.0.0.1", ours, SECRET)) {
            // When
            List<ReactiveRow> clients = session.rows(
                            "select ssl_enabled from system_views.clients where username = 'ingest' allow filtering")
                    .collectList()
                    .block(PATIENCE);
            // Then
            assertThat(clients).isNotEmpty().allMatch(row -> row.getBoolean("ssl_enabled"));
        }
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whoIsNotLetInByCassandraSaysWhy(Given given) throws IOException {
        // Given
        try (CassandraSession session = cassandra(given.host, given.trustsOurs ? ours : others, given.password)) {
            // When
            StepVerifier.create(session.ping())
                    // Then
                    .verifyErrorSatisfies(e -> refused(e, ReadFailed.class, given));
        }
    }

    private static void refused(Throwable e, Class<? extends IngestException> type, Given given) {
        assertThat(e).isInstanceOf(type).hasMessageContaining(given.reason).hasMessageNotContaining(given.password);
        assertThat(((IngestException) e).isTransient()).isTrue();
    }

    private static String textOf(ILoggingEvent event) {
        return event.getFormattedMessage()
                + (event.getThrowableProxy() == null
                        ? ""
                        : event.getThrowableProxy().getMessage());
    }

    private static String userOf(String mechanism) {
        return mechanism.equals(PLAIN) ? "plain" : "scram";
    }

    /** Completes when the page is acknowledged by the brokers. */
    private Mono<Void> publish(Brokers brokers) {
        return Mono.using(
                () -> new KafkaCluster(brokers, "locked", TOPIC),
                cluster -> Mono.using(
                        () -> topic(brokers, cluster),
                        topic -> topic.deliver(sample.captured(1)).publishOn(Schedulers.boundedElastic()),
                        UserTopic::close),
                KafkaCluster::close);
    }

    private static Mono<Void> ping(Brokers brokers) {
        return Mono.using(
                () -> new KafkaCluster(brokers, "locked", TOPIC),
                cluster -> cluster.ping().publishOn(Schedulers.boundedElastic()), // closing waits
                KafkaCluster::close);
    }

    private static UserTopic topic(Brokers brokers, KafkaCluster cluster) {
        return new UserTopic(brokers, "locked", TOPIC, cluster, registry(), 1024 * 1024, 1);
    }

    private static KafkaRecords records(Brokers brokers) {
        return new KafkaRecords(brokers, TOPIC, registry(), blocking, PATIENCE);
    }

    private static SchemaRegistry registry() {
        return new SchemaRegistry(stack.addresses().registryUrl().orElseThrow(), PATIENCE);
    }

    private static Brokers brokers(String user, String mechanism, String host, Certificates trusted, String password)
            throws IOException {
        String at = stack.addresses().kafkaBootstrap().orElseThrow().replaceFirst("127[.]0[.]0[.]1", host);
        Map<String, String> given = new HashMap<>(login(user, trusted, password));
        given.putAll(Map.of("T_BOOTSTRAP", at, "T_SECURITY", "SASL_SSL", "T_SASL_MECHANISM", mechanism));
        return Brokers.read(Settings.read("T_", given), "T");
    }

    private static CassandraSession cassandra(String host, Certificates trusted, String password) throws IOException {
        String at = stack.addresses().cassandraContact().orElseThrow().replaceFirst("127[.]0[.]0[.]1", host);
        Security security = Security.read(Settings.read("T_", login("ingest", trusted, password)), "T");
        return new CassandraSession(at, stack.addresses().datacenter(), security);
    }

    private static Map<String, String> login(String user, Certificates trusted, String password) throws IOException {
        return Map.of(
                "T_CA_FILE",
                trusted.authority().toString(),
                "T_USER",
                user,
                "T_PASSWORD_FILE",
                locks.password(password).toString());
    }

    private static void password(String user, String password) {
        ScramCredentialInfo scram = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096);
        admin.alterUserScramCredentials(List.of(
                        new UserScramCredentialUpsertion(user, scram, password.getBytes(StandardCharsets.UTF_8))))
                .all()
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    private static void allow(String user, AclOperation... operations) {
        List<AclBinding> rights = new ArrayList<>();
        for (AclOperation operation : operations) {
            rights.add(new AclBinding(
                    new ResourcePattern(ResourceType.TOPIC, TOPIC, PatternType.LITERAL),
                    new AccessControlEntry("User:" + user, "*", operation, AclPermissionType.ALLOW)));
        }
        admin.createAcls(rights).all().toCompletionStage().toCompletableFuture().join();
    }

    private static void role(String name, String password) throws IOException {
        try (CassandraSession superuser = new CassandraSession(
                stack.addresses().cassandraContact().orElseThrow(),
                stack.addresses().datacenter(),
                locks.superuser())) {
            superuser
                    .rows("create role " + name + " with login = true and password = '" + password.replace("'", "''")
                            + "'")
                    .then()
                    .block(PATIENCE);
        }
    }
}
