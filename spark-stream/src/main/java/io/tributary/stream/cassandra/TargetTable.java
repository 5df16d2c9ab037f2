package io.tributary.stream.cassandra;

import com.datastax.oss.driver.api.core.CqlIdentifier;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.BoundStatementBuilder;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.metadata.schema.ColumnMetadata;
import com.datastax.oss.driver.api.core.metadata.schema.KeyspaceMetadata;
import com.datastax.oss.driver.api.core.metadata.schema.TableMetadata;
import com.datastax.oss.driver.api.core.type.DataTypes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * One table that rows go to: its INSERT, prepared from the table's metadata, and how a row is bound to it. A null is left
 * unset, so that it writes no tombstone.
 */
final class TargetTable {
    private final String name;
    private final PreparedStatement insert;
    private final List<Column> columns;
    private final int timestampOrdinal;

    /** From which place of the row, into which column. */
    private record Column(String name, int ordinal, boolean isKey, ColumnEncoder encoder) {}

    private TargetTable(String name, PreparedStatement insert, List<Column> columns, int timestampOrdinal) {
        this.name = name;
        this.insert = insert;
        this.columns = columns;
        this.timestampOrdinal = timestampOrdinal;
    }

    /**
     * The tables of the options by name, for rows of this shape.
     *
     * @throws IllegalArgumentException saying everything about the tables and the row that does not fit
     */
    static Map<String, TargetTable> all(CqlSession session, SinkOptions options, StructType row) {
        List<String> problems = new ArrayList<>();
        checkSpecialColumns(options, row, problems);
        Map<String, TableMetadata> found = new LinkedHashMap<>();
        for (String table : options.tables()) {
            TableMetadata metadata = find(session, options.keyspace(), table);
            if (metadata == null) {
                problems.add("there is no table " + options.keyspace() + "." + table);
            } else {
                found.put(table, metadata);
            }
        }
        for (StructField field : row.fields()) {
            boolean used = isSpecial(options, field.name())
                    || found.size() < options.tables().size() // said already
                    || found.values().stream().anyMatch(table -> column(table, field.name()) != null);
            if (!used) {
                problems.add("column " + field.name() + " of the row is in none of " + namesAndColumns(found));
            }
        }
        Map<String, List<Column>> columns = new LinkedHashMap<>();
        found.forEach((name, metadata) -> columns.put(name, columns(options, metadata, row, problems)));
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
        Map<String, TargetTable> targets = new LinkedHashMap<>();
        found.forEach((name, metadata) -> {
            List<Column> own = columns.getOrDefault(name, List.of());
            targets.put(
                    name,
                    new TargetTable(
                            name,
                            Patience.ask(options.retryFor(), () -> session.prepare(cql(options, metadata, own))),
                            own,
                            ordinal(row, options.timestampColumn())));
        });
        return targets;
    }

    /** A row as a statement; a null in the primary key is an error, which names the column and not its row. */
    BoundStatement bind(InternalRow row) {
        BoundStatementBuilder statement = insert.boundStatementBuilder();
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            if (!row.isNullAt(column.ordinal)) {
                statement = statement.setBytesUnsafe(i, column.encoder.encode(row, column.ordinal));
            } else if (column.isKey) {
                throw new IllegalArgumentException("null in key column " + column.name + " of table " + name);
            }
        }
        if (timestampOrdinal >= 0) {
            if (row.isNullAt(timestampOrdinal)) {
                throw new IllegalArgumentException("null in the timestamp column of a row for table " + name);
            }
            statement = statement.setLong(columns.size(), row.getLong(timestampOrdinal));
        }
        return statement.build();
    }

    private static void checkSpecialColumns(SinkOptions options, StructType row, List<String> problems) {
        String timestamp = options.timestampColumn();
        if (timestamp != null) {
            int at = ordinal(row, timestamp);
            if (at < 0 || !(row.fields()[at].dataType() instanceof LongType)) {
                problems.add("timestampColumn " + timestamp + " is not a bigint column of the row");
            }
        }
        String table = options.tableColumn();
        if (table != null) {
            int at = ordinal(row, table);
            if (at < 0 || !(row.fields()[at].dataType() instanceof StringType)) {
                problems.add("tableColumn " + table + " is not a string column of the row");
            }
        }
    }

    static int ordinal(StructType row, @Nullable String column) {
        for (int i = 0; i < row.fields().length; i++) {
            if (row.fields()[i].name().equals(column)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isSpecial(SinkOptions options, String column) {
        return column.equals(options.timestampColumn()) || column.equals(options.tableColumn());
    }

    private static @Nullable TableMetadata find(CqlSession session, String keyspace, String table) {
        TableMetadata known = find(session.getMetadata().getKeyspace(keyspace).orElse(null), table);
        // a table made a moment ago may not have been heard of yet
        return known != null
                ? known
                : find(session.refreshSchema().getKeyspace(keyspace).orElse(null), table);
    }

    private static @Nullable TableMetadata find(@Nullable KeyspaceMetadata keyspace, String table) {
        return keyspace == null
                ? null
                : keyspace.getTable(CqlIdentifier.fromInternal(table)).orElse(null);
    }

    private static @Nullable ColumnMetadata column(TableMetadata table, String name) {
        return table.getColumn(CqlIdentifier.fromInternal(name)).orElse(null);
    }

    private static List<Column> columns(
            SinkOptions options, TableMetadata table, StructType row, List<String> problems) {
        List<Column> columns = new ArrayList<>();
        for (ColumnMetadata key : table.getPrimaryKey()) {
            int at = ordinal(row, key.getName().asInternal());
            if (at < 0) {
                problems.add("key column " + key.getName() + " of table " + table.getName() + " is not in the row");
            } else {
                add(columns, table, key, row.fields()[at], at, true, problems);
            }
        }
        for (int at = 0; at < row.fields().length; at++) {
            StructField field = row.fields()[at];
            ColumnMetadata column = isSpecial(options, field.name()) ? null : column(table, field.name());
            if (column != null && !table.getPrimaryKey().contains(column)) {
                add(columns, table, column, field, at, false, problems);
            }
        }
        return columns;
    }

    private static void add(
            List<Column> columns,
            TableMetadata table,
            ColumnMetadata column,
            StructField field,
            int at,
            boolean isKey,
            List<String> problems) {
        ColumnEncoder encoder = ColumnEncoder.of(field.dataType(), column.getType());
        if (encoder != null) {
            columns.add(new Column(field.name(), at, isKey, encoder));
            return;
        }
        String why = column.getType().equals(DataTypes.COUNTER)
                ? " (a counter is not idempotent and can not be written)"
                : "";
        problems.add("column " + field.name() + " is " + field.dataType().simpleString() + " in the row and "
                + column.getType() + " in table " + table.getName() + why);
    }

    private static String cql(SinkOptions options, TableMetadata table, List<Column> columns) {
        String names = columns.stream()
                .map(column -> CqlIdentifier.fromInternal(column.name).asCql(true))
                .collect(Collectors.joining(", "));
        String marks = columns.stream().map(column -> "?").collect(Collectors.joining(", "));
        String target = table.getKeyspace().asCql(true) + "." + table.getName().asCql(true);
        return "INSERT INTO " + target + " (" + names + ") VALUES (" + marks + ")"
                + (options.timestampColumn() == null ? "" : " USING TIMESTAMP ?");
    }

    private static String namesAndColumns(Map<String, TableMetadata> tables) {
        return tables.values().stream()
                .map(table -> table.getName() + " "
                        + table.getColumns().keySet().stream()
                                .map(CqlIdentifier::asInternal)
                                .collect(Collectors.toCollection(TreeSet::new)))
                .collect(Collectors.joining(", "));
    }
}
