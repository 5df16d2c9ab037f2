package io.tributary.stream;

import io.tributary.schemas.Digest;
import io.tributary.schemas.UserEvent;
import io.tributary.schemas.UserEventEncoder;
import java.nio.ByteBuffer;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;

/**
 * The counter's tables as Cassandra keeps them: cell by cell the highest timestamp, on a tie the greater bytes. A row whose
 * users become fewer is an error: a reader could have seen it.
 */
final class CassandraModel {
    private final Map<List<Object>, List<Cell>> rows = new HashMap<>();

    private record Cell(long timestamp, long value) {
        Cell later(Cell other) {
            if (timestamp != other.timestamp) {
                return timestamp > other.timestamp ? this : other;
            }
            return Long.compareUnsigned(value, other.value) >= 0 ? this : other;
        }
    }

    void write(Row row) {
        List<Object> key = key(row);
        long timestamp = cell(row, PageRows.WRITE_TIME);
        List<Cell> cells = values(row).stream()
                .map(value -> new Cell(timestamp, value.longValue()))
                .toList();
        List<Cell> known = rows.get(key);
        if (known == null) {
            rows.put(key, cells);
            return;
        }
        List<Cell> merged = new ArrayList<>();
        for (int i = 0; i < cells.size(); i++) {
            merged.add(known.get(i).later(cells.get(i)));
        }
        if (!merged.isEmpty() && merged.get(0).value < known.get(0).value) {
            throw new AssertionError(
                    "the users of " + key + " fell from " + known.get(0).value + " to " + merged.get(0).value);
        }
        rows.put(key, merged);
    }

    /** By table and key; users first. */
    Map<List<Object>, List<Long>> cells() {
        Map<List<Object>, List<Long>> cells = new HashMap<>();
        rows.forEach((key, row) -> cells.put(key, row.stream().map(Cell::value).toList()));
        return cells;
    }

    /** The same, counted the plain way from each user once, in windows of a minute. */
    static Map<List<Object>, List<Long>> expected(List<UserEvent> users) {
        Map<List<Object>, List<Long>> tables = new HashMap<>();
        users.stream()
                .collect(Collectors.groupingBy(user -> List.<Object>of(user.runId(), user.page())))
                .forEach((key, page) -> page(tables, key, page));
        return tables;
    }

    private static void page(Map<List<Object>, List<Long>> tables, List<Object> key, List<UserEvent> page) {
        UserEventEncoder encoder = new UserEventEncoder();
        Digest digest = Digest.EMPTY;
        for (UserEvent user : page) {
            digest = digest.plus(Digest.hashOf(encoder.body(user)));
        }
        var window = page.get(0).capturedAt().truncatedTo(ChronoUnit.MINUTES);
        tables.put(List.of("page_sums", key.get(0), key.get(1)), List.of((long) page.size(), digest.sum(), (long)
                page.get(0).pageUsers()));
        tables.put(List.of("windows_by_day", window.atZone(ZoneOffset.UTC).toLocalDate(), window), List.of());
        page.stream()
                .collect(Collectors.groupingBy(event ->
                        List.of(event.user().nationality(), event.user().gender())))
                .forEach((group, members) -> {
                    List<Integer> ages = members.stream()
                            .map(event -> event.user().age())
                            .filter(Objects::nonNull)
                            .toList();
                    tables.put(
                            List.of("window_users", window, group.get(0), group.get(1), key.get(0), key.get(1)),
                            List.of((long) members.size(), (long) ages.size(), (long)
                                    ages.stream().mapToInt(Integer::intValue).sum()));
                });
    }

    private static List<Object> key(Row row) {
        String table = cell(row, PageRows.TABLE);
        return switch (table) {
            case "window_users" ->
                List.of(
                        table,
                        cell(row, "window_start"),
                        cell(row, "nationality"),
                        cell(row, "gender"),
                        run(row),
                        cell(row, "page"));
            case "page_sums" -> List.of(table, run(row), cell(row, "page"));
            default -> List.of(table, cell(row, "day"), cell(row, "window_start"));
        };
    }

    private static List<Number> values(Row row) {
        String table = cell(row, PageRows.TABLE);
        return switch (table) {
            case "window_users" -> List.of(cell(row, "users"), cell(row, "aged"), cell(row, "age_sum"));
            case "page_sums" -> List.of(cell(row, "users"), cell(row, "digest"), cell(row, "page_users"));
            default -> List.of();
        };
    }

    private static Object run(Row row) {
        ByteBuffer bytes = ByteBuffer.wrap(CassandraModel.<byte[]>cell(row, "run_id"));
        return new java.util.UUID(bytes.getLong(), bytes.getLong());
    }

    @SuppressWarnings("unchecked")
    private static <T> T cell(Row row, String name) {
        return (T) row.get(PageRows.SHAPE.fieldIndex(name));
    }
}
