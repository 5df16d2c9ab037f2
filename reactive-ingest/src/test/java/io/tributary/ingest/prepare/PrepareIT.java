package io.tributary.ingest.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.datastax.oss.driver.api.core.AllNodesFailedException;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.servererrors.UnauthorizedException;
import com.datastax.oss.driver.api.core.ssl.ProgrammaticSslEngineFactory;
import io.tributary.embedded.Addresses;
import io.tributary.embedded.Certificates;
import io.tributary.embedded.EmbeddedStack;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.Locks;
import io.tributary.embedded.StackListener;
import io.tributary.embedded.StackOptions;
import io.tributary.schemas.SchemaRegistry;
import io.tributary.schemas.UserEventSchema;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job as a process, against new servers that speak TLS only and let in only whom they know. */
@Tag("chaos")
class PrepareIT {
    private static final String OURS = "0ur-s3cret";

    @TempDir
    Path dir;

    @Test
    void newServersAreMadeReadyAndTheSecondTimeNothingChanges() throws Exception {
        // Given
        Certificates certificates = Certificates.in(dir.resolve("ca"));
        certificates.sign("here", "ip:127.0.0.1");
        Locks locks = new Locks(certificates, "here");
        StackOptions options = StackOptions.of(Path.of(".."))
                .withDataDir(dir.resolve("data"))
                .withParts(Set.of(Part.KAFKA, Part.CASSANDRA, Part.REGISTRY))
                .withSetting(Part.CASSANDRA, "authorizer", "CassandraAuthorizer");
        try (EmbeddedStack stack = EmbeddedStack.start(locks.on(options, Map.of()), StackListener.SILENT)) {
            Map<String, String> environment = environment(stack.addresses(), locks);
            // When
            int first = prepare(environment);
            int second = prepare(environment);
            // Then
            assertThat(List.of(first, second)).containsExactly(0, 0);
            assertThat(topic(locks.admin(kafka(stack)).client(Map.of()), "randomuser.users"))
                    .containsEntry("retention.ms", "604800000")
                    .containsEntry("retention.bytes", "-1");
            SchemaRegistry registry =
                    new SchemaRegistry(stack.addresses().registryUrl().orElseThrow(), Duration.ofSeconds(10));
            assertThat(registry.wouldTake("randomuser.users-value", UserEventSchema.schema())
                            .get())
                    .isTrue();
            assertThatThrownBy(() -> session(stack, certificates, "cassandra", "cassandra"))
                    .isInstanceOf(AllNodesFailedException.class);
            try (CqlSession ingest = session(stack, certificates, "ingest", OURS)) {
                assertThat(ingest.execute("SELECT * FROM tributary.page_sums").all())
                        .isEmpty();
                assertThatThrownBy(() -> ingest.execute("TRUNCATE tributary.page_sums"))
                        .isInstanceOf(UnauthorizedException.class);
            }
        }
    }

    private static String kafka(EmbeddedStack stack) {
        return stack.addresses().kafkaBootstrap().orElseThrow();
    }

    private static Map<String, String> environment(Addresses addresses, Locks locks) throws Exception {
        String authority = locks.certificates().authority().toString();
        String ours = locks.password(OURS).toString();
        Map<String, String> environment = new HashMap<>();
        environment.put("PREPARE_KAFKA_BOOTSTRAP", addresses.kafkaBootstrap().orElseThrow());
        environment.put("PREPARE_KAFKA_SECURITY", "SASL_SSL");
        environment.put("PREPARE_KAFKA_SASL_MECHANISM", "PLAIN");
        environment.put("PREPARE_KAFKA_CA_FILE", authority);
        environment.put("PREPARE_KAFKA_USER", Locks.ADMIN);
        environment.put(
                "PREPARE_KAFKA_PASSWORD_FILE",
                locks.password(Certificates.PASSWORD).toString());
        environment.put(
                "PREPARE_REGISTRY_URL", addresses.registryUrl().orElseThrow().toString());
        environment.put(
                "PREPARE_CASSANDRA_CONTACT", addresses.cassandraContact().orElseThrow());
        environment.put("PREPARE_CASSANDRA_CA_FILE", authority);
        environment.put("PREPARE_CASSANDRA_USER", "our_admin");
        environment.put("PREPARE_CASSANDRA_PASSWORD_FILE", ours);
        environment.put("PREPARE_CASSANDRA_INGEST_PASSWORD_FILE", ours);
        environment.put("PREPARE_CASSANDRA_STREAM_PASSWORD_FILE", ours);
        return environment;
    }

    private static int prepare(Map<String, String> environment) throws Exception {
        ProcessBuilder job = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Xmx192m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PrepareMain.class.getName())
                .inheritIO();
        job.environment().putAll(environment);
        Process process = job.start();
        try {
            assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return process.exitValue();
    }

    private static Map<String, String> topic(Map<String, Object> client, String name) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, name);
        Map<String, String> settings = new HashMap<>();
        try (Admin admin = Admin.create(client)) {
            Config config = admin.describeConfigs(List.of(topic)).all().get().get(topic);
            config.entries().forEach(entry -> settings.put(entry.name(), entry.value()));
        }
        return settings;
    }

    private static CqlSession session(EmbeddedStack stack, Certificates certificates, String user, String password)
            throws Exception {
        String contact = stack.addresses().cassandraContact().orElseThrow();
        int colon = contact.lastIndexOf(':');
        return CqlSession.builder()
                .addContactPoint(new InetSocketAddress(
                        contact.substring(0, colon), Integer.parseInt(contact.substring(colon + 1))))
                .withLocalDatacenter(stack.addresses().datacenter())
                .withAuthCredentials(user, password)
                .withSslEngineFactory(new ProgrammaticSslEngineFactory(
                        new Locks(certificates, "here")
                                .superuser()
                                .authorities()
                                .orElseThrow()
                                .tls(),
                        null,
                        true,
                        false))
                .build();
    }
}
