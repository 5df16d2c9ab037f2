package io.tributary.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.api.core.cql.ResultSet;
import io.tributary.embedded.EmbeddedStack.Part;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** All five servers of one stack: prepared as promised, and back after a kill -9. */
@ExtendWith(SharedServers.Extension.class)
@Timeout(300)
final class RealServersIT {
    private final EmbeddedStack stack;
    private final Heard heard;
    private final Path folder;

    RealServersIT(SharedServers servers) {
        stack = servers.stack();
        heard = servers.heard();
        folder = servers.folder();
    }

    @Test
    void theStackFileTellsOthersWhereEverythingIs() throws Exception {
        // When
        StackFile file = StackFile.read(folder).orElseThrow();
        // Then
        assertThat(file.isUp()).isTrue();
        assertThat(file.addresses()).isEqualTo(stack.addresses());
        assertThat(file.pids()).containsOnlyKeys(SharedServers.PARTS);
        assertThat(file.addresses().ingestUrl()).isEmpty();
        for (Part part : SharedServers.PARTS) {
            assertThat(stack.readyAfter(part)).isPositive();
        }
    }

    @Test
    void thePasswordIsForItsOwnerAloneAndAskedFor() throws Exception {
        // Given
        Addresses.Postgres address = stack.addresses().postgres().orElseThrow();
        // When / Then
        assertThat(Files.getPosixFilePermissions(address.passwordFile()))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(catchThrowable(() -> DriverManager.getConnection(address.jdbcUrl(), address.user(), "wrong")))
                .hasMessageContaining("password authentication failed");
    }

    @Test
    void kafkaHasOurTopics() throws Exception {
        try (Admin admin = Admin.create(
                Map.of("bootstrap.servers", stack.addresses().kafkaBootstrap().orElseThrow()))) {
            // When
            Map<String, TopicDescription> topics = admin.describeTopics(
                            List.of("randomuser.users", "randomuser.users.dlq"))
                    .allTopicNames()
                    .get();
            // Then
            assertThat(topics.get("randomuser.users").partitions()).hasSize(4);
            assertThat(topics.get("randomuser.users.dlq").partitions()).hasSize(1);
        }
    }

    @Test
    void theRegistryKeepsItsIdsOverAKillAndIsBackwardCompatible() throws Exception {
        // Given
        String id = post("/subjects/kept-value/versions", "{\"schema\":\"\\\"string\\\"\"}");
        // When
        killAndAwait(Part.REGISTRY);
        // Then
        assertThat(get("/config")).contains("BACKWARD");
        assertThat(get("/schemas/ids/" + id.replaceAll("[^0-9]", ""))).contains("string");
        assertThat(post("/subjects/new-value/versions", "{\"schema\":\"\\\"long\\\"\"}"))
                .isNotEqualTo(id);
    }

    @Test
    void cassandraHasOurTables() {
        try (CqlSession session = cassandra()) {
            // When
            ResultSet tables =
                    session.execute("SELECT table_name FROM system_schema.tables WHERE keyspace_name = 'tributary'");
            // Then
            assertThat(tables).extracting(row -> row.getString(0)).contains("users_by_id", "page_sums", "stream_state");
        }
    }

    @Test
    void zookeeperComesBackAfterAKill() throws Exception {
        // When
        killAndAwait(Part.ZOOKEEPER);
        // Then
        String[] address = stack.addresses().zookeeper().orElseThrow().split(":");
        assertThat(Asking.fourLetters(Integer.parseInt(address[1]), "ruok")).isEqualTo("imok");
    }

    @Test
    void aServerStoppedOnPurposeStaysDownUntilItIsStarted() throws Exception {
        // Given
        long before = stack.pid(Part.ZOOKEEPER);
        // When
        stack.stop(Part.ZOOKEEPER);
        // Then
        assertThat(ProcessHandle.of(before).filter(Leash::runs)).isEmpty();
        Processes.assertNone(folder.resolve("zookeeper"));
        stack.start(Part.ZOOKEEPER);
        assertThat(stack.pid(Part.ZOOKEEPER)).isNotEqualTo(before);
    }

    private void killAndAwait(Part part) throws Exception {
        long before = stack.pid(part);
        stack.kill(part);
        stack.awaitReady(part);
        assertThat(stack.pid(part)).isNotEqualTo(before);
        assertThat(StackFile.read(folder).orElseThrow().pids()).containsEntry(part, stack.pid(part));
        assertThat(heard.lines).contains(part.label() + " died with 137, log " + stack.log(part));
        assertThat(stack.log(part)).exists();
    }

    private CqlSession cassandra() {
        String[] address = stack.addresses().cassandraContact().orElseThrow().split(":");
        return CqlSession.builder()
                .addContactPoint(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(address[1])))
                .withLocalDatacenter(stack.addresses().datacenter())
                .withConfigLoader(DriverConfigLoader.programmaticBuilder()
                        .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, Duration.ofSeconds(30))
                        .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, Duration.ofSeconds(15))
                        .build())
                .build();
    }

    private String get(String path) throws Exception {
        return ask(path, HttpRequest.Builder::GET);
    }

    private String post(String path, String json) throws Exception {
        return ask(
                path,
                request -> request.header("Content-Type", "application/vnd.schemaregistry.v1+json")
                        .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    private String ask(String path, Function<HttpRequest.Builder, HttpRequest.Builder> how) throws Exception {
        URI url = URI.create(stack.addresses().registryUrl().orElseThrow() + path);
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(how.apply(HttpRequest.newBuilder(url)).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }
}
