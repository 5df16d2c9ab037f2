package io.tributary.stream;

import io.tributary.schemas.User;
import io.tributary.schemas.UserEvent;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** A user event as a row of {@code users_by_id}. */
final class UserRows {
    static final String TABLE = "users_by_id";
    static final String WRITE_TIME = "write_time";

    static final StructType SHAPE = new StructType()
            .add(WRITE_TIME, DataTypes.LongType)
            .add("user_id", DataTypes.BinaryType)
            .add("run_id", DataTypes.BinaryType)
            .add("page", DataTypes.IntegerType)
            .add("position", DataTypes.IntegerType)
            .add("page_users", DataTypes.IntegerType)
            .add("captured_at", DataTypes.TimestampType)
            .add("window_start", DataTypes.TimestampType)
            .add("window_end", DataTypes.TimestampType)
            .add("nationality", DataTypes.StringType)
            .add("gender", DataTypes.StringType)
            .add("title", DataTypes.StringType)
            .add("first_name", DataTypes.StringType)
            .add("last_name", DataTypes.StringType)
            .add("street_number", DataTypes.IntegerType)
            .add("street_name", DataTypes.StringType)
            .add("city", DataTypes.StringType)
            .add("state", DataTypes.StringType)
            .add("country", DataTypes.StringType)
            .add("postcode", DataTypes.StringType)
            .add("latitude", DataTypes.DoubleType)
            .add("longitude", DataTypes.DoubleType)
            .add("timezone_offset", DataTypes.StringType)
            .add("timezone", DataTypes.StringType)
            .add("email", DataTypes.StringType)
            .add("username", DataTypes.StringType)
            .add("born_at", DataTypes.TimestampType)
            .add("age", DataTypes.IntegerType)
            .add("registered_at", DataTypes.TimestampType)
            .add("registered_age", DataTypes.IntegerType)
            .add("phone", DataTypes.StringType)
            .add("cell", DataTypes.StringType)
            .add("id_name", DataTypes.StringType)
            .add("id_value", DataTypes.StringType)
            .add("picture", DataTypes.StringType);

    private UserRows() {}

    static Row of(UserEvent event, int generation) {
        User user = event.user();
        return row(
                WriteTime.of(generation, Micros.of(event.capturedAt()), 0),
                bytes(user.userId()),
                bytes(event.runId()),
                event.page(),
                event.position(),
                event.pageUsers(),
                event.capturedAt(),
                event.windowStart(),
                event.windowEnd(),
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
    }

    private static Row row(@Nullable Object... values) {
        return RowFactory.create(values);
    }

    /** 16 bytes, big endian: what Cassandra keeps a uuid as. */
    static byte[] bytes(UUID uuid) {
        return ByteBuffer.allocate(16)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .array();
    }
}
