package io.tributary.ingest.reconcile;

import com.datastax.oss.driver.api.core.cql.Row;
import io.tributary.schemas.UserEvent;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** {@code users_by_id}, one user at a time, compared column by column. */
final class CassandraUsers implements UserLookup {
    /** A column that is not part of the key, and what it should hold. */
    private record Column(String name, Function<UserEvent, @Nullable Object> value) {}

    private static final List<Column> COLUMNS = List.of(
            new Column("page_users", UserEvent::pageUsers),
            new Column("captured_at", UserEvent::capturedAt),
            new Column("window_start", UserEvent::windowStart),
            new Column("window_end", UserEvent::windowEnd),
            new Column("nationality", event -> event.user().nationality()),
            new Column("gender", event -> event.user().gender()),
            new Column("title", event -> event.user().title()),
            new Column("first_name", event -> event.user().firstName()),
            new Column("last_name", event -> event.user().lastName()),
            new Column("street_number", event -> event.user().streetNumber()),
            new Column("street_name", event -> event.user().streetName()),
            new Column("city", event -> event.user().city()),
            new Column("state", event -> event.user().state()),
            new Column("country", event -> event.user().country()),
            new Column("postcode", event -> event.user().postcode()),
            new Column("latitude", event -> event.user().latitude()),
            new Column("longitude", event -> event.user().longitude()),
            new Column("timezone_offset", event -> event.user().timezoneOffset()),
            new Column("timezone", event -> event.user().timezone()),
            new Column("email", event -> event.user().email()),
            new Column("username", event -> event.user().username()),
            new Column("born_at", event -> event.user().bornAt()),
            new Column("age", event -> event.user().age()),
            new Column("registered_at", event -> event.user().registeredAt()),
            new Column("registered_age", event -> event.user().registeredAge()),
            new Column("phone", event -> event.user().phone()),
            new Column("cell", event -> event.user().cell()),
            new Column("id_name", event -> event.user().idName()),
            new Column("id_value", event -> event.user().idValue()),
            new Column("picture", event -> event.user().picture()));

    private static final String BY_KEY = "select "
            + COLUMNS.stream().map(Column::name).collect(Collectors.joining(", "))
            + " from tributary.users_by_id where user_id = ? and run_id = ? and page = ? and position = ?";

    private final CassandraSession cassandra;

    CassandraUsers(CassandraSession cassandra) {
        this.cassandra = cassandra;
    }

    @Override
    public Mono<String> difference(UserEvent event) {
        return cassandra
                .rows(BY_KEY, event.user().userId(), event.runId(), event.page(), event.position())
                .map(row -> differing(event, row))
                .defaultIfEmpty("missing")
                .single()
                .filter(difference -> !difference.isEmpty())
                .map(difference -> "users_by_id: " + difference);
    }

    private static String differing(UserEvent event, Row row) {
        String fields = null;
        for (int i = 0; i < COLUMNS.size(); i++) {
            Column column = COLUMNS.get(i);
            if (!Objects.equals(
                    inMillis(row.getObject(i)), inMillis(column.value().apply(event)))) {
                fields = fields == null ? column.name() : fields + ", " + column.name();
            }
        }
        return fields == null ? "" : fields + (fields.contains(",") ? " differ" : " differs");
    }

    /** Cassandra's timestamps are milliseconds. */
    private static @Nullable Object inMillis(@Nullable Object value) {
        return value instanceof Instant instant ? instant.truncatedTo(ChronoUnit.MILLIS) : value;
    }
}
