package io.tributary.ingest.reconcile;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import io.tributary.embedded.EmbeddedStack;
import io.tributary.embedded.EmbeddedStack.Part;
import io.tributary.embedded.StackListener;
import io.tributary.embedded.StackOptions;
import io.tributary.ingest.ledger.Migrations;
import io.tributary.ingest.model.PageSum;
import io.tributary.ingest.postgres.EmbeddedPostgres;
import io.tributary.ingest.postgres.Postgres;
import io.tributary.ingest.postgres.PostgresAddress;
import io.tributary.schemas.SchemaRegistry;
import io.tributary.schemas.User;
import io.tributary.schemas.UserEvent;
import io.tributary.schemas.UserEventEncoder;
import io.tributary.schemas.UserEventSchema;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Real servers that hold what a test puts in, past the pipeline: rows, records, sums. */
final class PlantedStores implements AutoCloseable {
    static final String TOPIC = "randomuser.users";

    private static final List<String> USER_COLUMNS = List.of(
            "user_id",
            "nationality",
            "gender",
            "title",
            "first_name",
            "last_name",
            "street_number",
            "street_name",
            "city",
            "state",
            "country",
            "postcode",
            "latitude",
            "longitude",
            "timezone_offset",
            "timezone",
            "email",
            "username",
            "born_at",
            "age",
            "registered_at",
            "registered_age",
            "phone",
            "cell",
            "id_name",
            "id_value",
            "picture");

    private final EmbeddedStack stack;
    private final Connection sql;
    private final CqlSession cql;
    private final KafkaProducer<byte[], byte[]> producer;
    private final int schemaId;
    final Postgres postgres;
    final SchemaRegistry registry;

    PlantedStores(Path dir) throws IOException, SQLException {
        stack = EmbeddedStack.start(
                StackOptions.of(Path.of(".."))
                        .withDataDir(dir)
                        .withParts(Set.of(Part.POSTGRES, Part.KAFKA, Part.REGISTRY, Part.CASSANDRA)),
                StackListener.SILENT);
        PostgresAddress address = EmbeddedPostgres.addressOf(stack);
        Migrations.apply(address).block();
        sql = DriverManager.getConnection(address.jdbcUrl(), address.user(), address.password());
        postgres = new Postgres(address, 4);
        registry = new SchemaRegistry(stack.addresses().registryUrl().orElseThrow(), Duration.ofSeconds(15));
        schemaId = registry.register(UserEventSchema.subjectOf(TOPIC), UserEventSchema.schema())
                .join();
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka(), "linger.ms", 5, "compression.type", "lz4"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        cql = cqlSession();
    }

    private CqlSession cqlSession() {
        String[] contact = cassandra().split(":");
        return CqlSession.builder()
                .addContactPoint(new InetSocketAddress(contact[0], Integer.parseInt(contact[1])))
                .withLocalDatacenter(datacenter())
                .withKeyspace("tributary")
                .withConfigLoader(DriverConfigLoader.programmaticBuilder()
                        .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, Duration.ofSeconds(30))
                        .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, Duration.ofSeconds(30))
                        .withDuration(DefaultDriverOption.CONTROL_CONNECTION_TIMEOUT, Duration.ofSeconds(30))
                        .build())
                .build();
    }

    String kafka() {
        return stack.addresses().kafkaBootstrap().orElseThrow();
    }

    String cassandra() {
        return stack.addresses().cassandraContact().orElseThrow();
    }

    String datacenter() {
        return stack.addresses().datacenter();
    }

    /** The whole run in every store, as the pipeline would leave it. */
    void plant(Sample sample) {
        for (int page = 1; page <= sample.run().pages(); page++) {
            List<UserEvent> events = sample.events(page);
            rows(events);
            publish(events);
            sum(sample, page);
            users(events);
        }
    }

    void rows(List<UserEvent> events) {
        for (UserEvent event : events) {
            List<Object> values = new ArrayList<>(List.of(event.runId(), event.page(), event.position()));
            values.addAll(userValues(event.user()));
            update(
                    "insert into users (run_id, page, position, " + String.join(", ", USER_COLUMNS) + ") values ("
                            + marks(values) + ")",
                    values.toArray());
        }
    }

    /** Changes rows by hand. Instants become timestamps. */
    int update(String statement, Object... values) {
        try (java.sql.PreparedStatement prepared = sql.prepareStatement(statement)) {
            for (int i = 0; i < values.length; i++) {
                Object value = values[i] instanceof Instant instant ? Timestamp.from(instant) : values[i];
                prepared.setObject(i + 1, value);
            }
            return prepared.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns when the broker has them. */
    void publish(Collection<UserEvent> events) {
        UserEventEncoder encoder = new UserEventEncoder();
        events.forEach(event -> publish(event.capturedAt(), UserEventEncoder.framed(schemaId, encoder.body(event))));
        producer.flush();
    }

    void publish(Instant at, byte[] value) {
        producer.send(new ProducerRecord<>(TOPIC, null, at.toEpochMilli(), null, value));
    }

    void sum(Sample sample, int page) {
        PageSum sum = sample.sums().get(page);
        cql(
                "insert into page_sums (run_id, page, window_start, captured_at, page_users, users, digest) "
                        + "values (?, ?, ?, ?, ?, ?, ?)",
                sample.run().id(),
                page,
                Sample.WINDOW_START,
                sum.capturedAt(),
                sum.pageUsers(),
                (int) sum.digest().users(),
                sum.digest().sum());
        window(Sample.WINDOW_START, sample, page);
    }

    /** How wide the counted windows are. */
    void countedWindows(Duration width) {
        cql("insert into stream_state (name, generation, window_ms) values ('stream', 1, ?)", width.toMillis());
    }

    /** A page's users in one window, by group. */
    void window(Instant windowStart, Sample sample, int page) {
        cql(
                "insert into windows_by_day (day, window_start) values (?, ?)",
                LocalDate.ofInstant(windowStart, ZoneOffset.UTC),
                windowStart);
        sample.events(page).stream()
                .map(UserEvent::user)
                .collect(Collectors.groupingBy(user -> List.of(user.nationality(), user.gender())))
                .forEach((group, users) -> {
                    List<Integer> ages = users.stream()
                            .map(User::age)
                            .filter(age -> age != null)
                            .toList();
                    cql(
                            "insert into window_users (window_start, nationality, gender, run_id, page, users, aged,"
                                    + " age_sum) values (?, ?, ?, ?, ?, ?, ?, ?)",
                            windowStart,
                            group.get(0),
                            group.get(1),
                            sample.run().id(),
                            page,
                            users.size(),
                            ages.size(),
                            ages.stream().mapToLong(Integer::longValue).sum());
                });
    }

    private void users(List<UserEvent> events) {
        List<CompletionStage<?>> writes = new ArrayList<>();
        for (UserEvent event : events) {
            List<Object> values = new ArrayList<>(List.of(
                    event.runId(),
                    event.page(),
                    event.position(),
                    event.pageUsers(),
                    event.capturedAt(),
                    event.windowStart(),
                    event.windowEnd()));
            values.addAll(userValues(event.user()));
            writes.add(cql.executeAsync(cql.prepare(
                            "insert into users_by_id (run_id, page, position, page_users, captured_at, window_start,"
                                    + " window_end, "
                                    + String.join(", ", USER_COLUMNS) + ") values (" + marks(values) + ")")
                    .bind(values.toArray())));
        }
        writes.forEach(write -> write.toCompletableFuture().join());
    }

    /** Changes Cassandra by hand. */
    void cql(String statement, Object... values) {
        PreparedStatement prepared = cql.prepare(statement);
        cql.execute(prepared.bind(values));
    }

    private static String marks(List<Object> values) {
        return String.join(", ", Collections.nCopies(values.size(), "?"));
    }

    /** In the order of {@link #USER_COLUMNS}. */
    private static List<Object> userValues(User user) {
        List<Object> values = new ArrayList<>();
        Collections.addAll(
                values,
                user.userId(),
                user.nationality(),
                user.gender(),
                user.title(),
                user.firstName(),
                user.lastName(),
                user.streetNumber(),
                user.streetName(),
                user.city(),
                user.state(),
                user.country(),
                user.postcode(),
                user.latitude(),
                user.longitude(),
                user.timezoneOffset(),
                user.timezone(),
                user.email(),
                user.username(),
                user.bornAt(),
                user.age(),
                user.registeredAt(),
                user.registeredAge(),
                user.phone(),
                user.cell(),
                user.idName(),
                user.idValue(),
                user.picture());
        return values;
    }

    @Override
    public void close() throws SQLException {
        producer.close(Duration.ZERO);
        cql.close();
        postgres.close();
        sql.close();
        stack.close();
    }
}
