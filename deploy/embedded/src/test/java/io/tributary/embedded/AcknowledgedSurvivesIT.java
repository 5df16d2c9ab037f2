package io.tributary.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import io.tributary.embedded.EmbeddedStack.Part;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.IntegerDeserializer;
import org.apache.kafka.common.serialization.IntegerSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a server has acknowledged is there after a kill -9 in the middle of writing. Everything else is built on this. */
@ExtendWith(SharedServers.Extension.class)
@Timeout(300)
final class AcknowledgedSurvivesIT {
    private static final int IN_FLIGHT = 128;
    private static final int ACKNOWLEDGED_BEFORE_THE_KILL = 3_000;
    private static final TopicPartition TOPIC = new TopicPartition("randomuser.users.dlq", 0);

    private final EmbeddedStack stack;

    AcknowledgedSurvivesIT(SharedServers servers) {
        stack = servers.stack();
    }

    /** Numbers kept by a server, over one connection. */
    private interface Numbers extends AutoCloseable {
        /** Writes {@value #IN_FLIGHT} numbers from this one on, and gives those that were acknowledged; never throws. */
        Set<Integer> write(int first);

        Set<Integer> read() throws Exception;
    }

    @Test
    void inCassandra() throws Exception {
        assertNothingIsLost(Part.CASSANDRA, InCassandra::new);
    }

    @Test
    void inKafka() throws Exception {
        assertNothingIsLost(Part.KAFKA, InKafka::new);
    }

    @Test
    void inPostgres() throws Exception {
        assertNothingIsLost(Part.POSTGRES, InPostgres::new);
    }

    private void assertNothingIsLost(Part part, Callable<Numbers> connect) throws Exception {
        Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
        AtomicInteger next = new AtomicInteger();
        // When
        try (Numbers numbers = connect.call()) {
            AtomicBoolean killed = new AtomicBoolean();
            CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
                while (!killed.get()) {
                    acknowledged.addAll(numbers.write(next.getAndAdd(IN_FLIGHT)));
                }
            });
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> acknowledged.size() >= ACKNOWLEDGED_BEFORE_THE_KILL);
            stack.kill(part);
            killed.set(true);
            writing.get();
        }
        stack.awaitReady(part);
        // Then
        Set<Integer> lost = new TreeSet<>(acknowledged);
        try (Numbers numbers = connect.call()) {
            lost.removeAll(numbers.read());
        }
        assertThat(lost.size())
                .as(
                        "lost by the kill of %s, of %d acknowledged, the first: %s",
                        part, acknowledged.size(), lost.stream().limit(5).toList())
                .isZero();
    }

    /** Sends all at once, then waits for each. */
    private static Set<Integer> acknowledged(int first, IntFunction<Future<?>> send) {
        Set<Integer> acknowledged = new HashSet<>();
        List<Future<?>> sent =
                IntStream.range(first, first + IN_FLIGHT).mapToObj(send).toList();
        for (int i = 0; i < sent.size(); i++) {
            try {
                sent.get(i).get();
                acknowledged.add(first + i);
            } catch (ExecutionException e) {
                // the server was killed: may be there or not
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        return acknowledged;
    }

    private final class InCassandra implements Numbers {
        private final CqlSession session;
        private final PreparedStatement insert;

        InCassandra() {
            String[] address =
                    stack.addresses().cassandraContact().orElseThrow().split(":");
            session = CqlSession.builder()
                    .addContactPoint(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(address[1])))
                    .withLocalDatacenter(stack.addresses().datacenter())
                    .withConfigLoader(DriverConfigLoader.programmaticBuilder()
                            .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, Duration.ofSeconds(30))
                            .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, Duration.ofSeconds(15))
                            .build())
                    .build();
            session.execute("CREATE TABLE IF NOT EXISTS tributary.numbers (number int PRIMARY KEY)");
            insert = session.prepare("INSERT INTO tributary.numbers (number) VALUES (?)");
        }

        @Override
        public Set<Integer> write(int first) {
            return acknowledged(
                    first, number -> session.executeAsync(insert.bind(number)).toCompletableFuture());
        }

        @Override
        public Set<Integer> read() {
            Set<Integer> numbers = new HashSet<>();
            for (Row row : session.execute("SELECT number FROM tributary.numbers")) {
                numbers.add(row.getInt(0));
            }
            return numbers;
        }

        @Override
        public void close() {
            session.close();
        }
    }

    /** Asks for what ingest asks for: {@code acks=all}. */
    private final class InKafka implements Numbers {
        private static final String BROKER = "bootstrap.servers";
        private final String broker = stack.addresses().kafkaBootstrap().orElseThrow();
        private final Producer<Integer, Integer> producer = new KafkaProducer<>(
                Map.of(BROKER, broker, "acks", "all", "delivery.timeout.ms", 5_000, "request.timeout.ms", 2_000),
                new IntegerSerializer(),
                new IntegerSerializer());

        @Override
        public Set<Integer> write(int first) {
            return acknowledged(
                    first,
                    number -> producer.send(new ProducerRecord<>(TOPIC.topic(), TOPIC.partition(), null, number)));
        }

        @Override
        public Set<Integer> read() {
            Set<Integer> numbers = new HashSet<>();
            try (Consumer<Integer, Integer> consumer =
                    new KafkaConsumer<>(Map.of(BROKER, broker), new IntegerDeserializer(), new IntegerDeserializer())) {
                consumer.assign(List.of(TOPIC));
                consumer.seekToBeginning(List.of(TOPIC));
                long end = consumer.endOffsets(List.of(TOPIC)).get(TOPIC);
                while (consumer.position(TOPIC) < end) {
                    consumer.poll(Duration.ofSeconds(1)).forEach(record -> numbers.add(record.value()));
                }
            }
            return numbers;
        }

        @Override
        public void close() {
            producer.close(Duration.ZERO);
        }
    }

    private final class InPostgres implements Numbers {
        private final Connection connection;

        InPostgres() throws Exception {
            Addresses.Postgres at = stack.addresses().postgres().orElseThrow();
            String password = Files.readString(at.passwordFile()).strip();
            connection = DriverManager.getConnection(at.jdbcUrl(), at.user(), password);
            try (Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE IF NOT EXISTS numbers (number int PRIMARY KEY)");
            }
        }

        @Override
        public Set<Integer> write(int first) {
            Set<Integer> acknowledged = new HashSet<>();
            try (Statement statement = connection.createStatement()) {
                for (int number = first; number < first + IN_FLIGHT; number++) {
                    statement.execute("INSERT INTO numbers VALUES (" + number + ")");
                    acknowledged.add(number);
                }
            } catch (SQLException e) {
                // the server was killed: the one on its way may be there or not
            }
            return acknowledged;
        }

        @Override
        public Set<Integer> read() throws SQLException {
            Set<Integer> numbers = new HashSet<>();
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT number FROM numbers")) {
                while (rows.next()) {
                    numbers.add(rows.getInt(1));
                }
            }
            return numbers;
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }
}
