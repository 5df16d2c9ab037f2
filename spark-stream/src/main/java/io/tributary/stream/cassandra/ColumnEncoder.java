package io.tributary.stream.cassandra;

import com.datastax.oss.driver.api.core.type.DataType;
import com.datastax.oss.driver.api.core.type.DataTypes;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampType;
import org.jspecify.annotations.Nullable;

/**
 * A value of a Spark row in the bytes of Cassandra's protocol, straight from Spark's own memory: no codec look-up, no
 * String in between.
 *
 * <p>Pairs: boolean, tinyint, smallint, int, bigint, float, double with their like · string with text, ascii, uuid,
 * timeuuid · binary with blob, and uuid or timeuuid when it has 16 bytes · timestamp with timestamp, cut to milliseconds ·
 * date with date · decimal with decimal.
 */
@FunctionalInterface
interface ColumnEncoder {
    /** The bytes of a value that is not null. */
    ByteBuffer encode(InternalRow row, int ordinal);

    /** The encoder of a pair of types, null where the two do not fit. */
    static @Nullable ColumnEncoder of(org.apache.spark.sql.types.DataType from, DataType to) {
        if (from instanceof StringType) {
            return ofString(to);
        }
        if (from instanceof BinaryType) {
            return ofBinary(to);
        }
        if (from instanceof DecimalType type && to.equals(DataTypes.DECIMAL)) {
            return (row, at) ->
                    decimal(row.getDecimal(at, type.precision(), type.scale()).toJavaBigDecimal());
        }
        if (from instanceof BooleanType && to.equals(DataTypes.BOOLEAN)) {
            return (row, at) -> ByteBuffer.allocate(1).put(0, (byte) (row.getBoolean(at) ? 1 : 0));
        }
        if (from instanceof ByteType && to.equals(DataTypes.TINYINT)) {
            return (row, at) -> ByteBuffer.allocate(Byte.BYTES).put(0, row.getByte(at));
        }
        if (from instanceof ShortType && to.equals(DataTypes.SMALLINT)) {
            return (row, at) -> ByteBuffer.allocate(Short.BYTES).putShort(0, row.getShort(at));
        }
        if (from instanceof IntegerType && to.equals(DataTypes.INT)) {
            return (row, at) -> ByteBuffer.allocate(Integer.BYTES).putInt(0, row.getInt(at));
        }
        if (from instanceof LongType && to.equals(DataTypes.BIGINT)) {
            return (row, at) -> ByteBuffer.allocate(Long.BYTES).putLong(0, row.getLong(at));
        }
        if (from instanceof FloatType && to.equals(DataTypes.FLOAT)) {
            return (row, at) -> ByteBuffer.allocate(Float.BYTES).putFloat(0, row.getFloat(at));
        }
        if (from instanceof DoubleType && to.equals(DataTypes.DOUBLE)) {
            return (row, at) -> ByteBuffer.allocate(Double.BYTES).putDouble(0, row.getDouble(at));
        }
        if (from instanceof TimestampType && to.equals(DataTypes.TIMESTAMP)) {
            return (row, at) -> ByteBuffer.allocate(Long.BYTES).putLong(0, Math.floorDiv(row.getLong(at), 1_000L));
        }
        if (from instanceof DateType && to.equals(DataTypes.DATE)) { // unsigned, the epoch is in the middle
            return (row, at) -> ByteBuffer.allocate(Integer.BYTES).putInt(0, row.getInt(at) + Integer.MIN_VALUE);
        }
        return null;
    }

    private static @Nullable ColumnEncoder ofString(DataType to) {
        if (to.equals(DataTypes.TEXT) || to.equals(DataTypes.ASCII)) {
            return (row, at) -> ByteBuffer.wrap(row.getUTF8String(at).getBytes());
        }
        if (isUuid(to)) {
            return (row, at) -> uuid(UUID.fromString(row.getUTF8String(at).toString()));
        }
        return null;
    }

    private static @Nullable ColumnEncoder ofBinary(DataType to) {
        if (to.equals(DataTypes.BLOB)) {
            return (row, at) -> ByteBuffer.wrap(row.getBinary(at));
        }
        if (isUuid(to)) {
            return (row, at) -> {
                byte[] bytes = row.getBinary(at);
                if (bytes.length != 2 * Long.BYTES) {
                    throw new IllegalArgumentException("a uuid of " + bytes.length + " bytes, expected 16");
                }
                return ByteBuffer.wrap(bytes);
            };
        }
        return null;
    }

    private static boolean isUuid(DataType type) {
        return type.equals(DataTypes.UUID) || type.equals(DataTypes.TIMEUUID);
    }

    private static ByteBuffer uuid(UUID uuid) {
        return ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(0, uuid.getMostSignificantBits())
                .putLong(Long.BYTES, uuid.getLeastSignificantBits());
    }

    private static ByteBuffer decimal(BigDecimal value) {
        byte[] unscaled = value.unscaledValue().toByteArray();
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + unscaled.length);
        return bytes.putInt(value.scale()).put(unscaled).flip();
    }
}
