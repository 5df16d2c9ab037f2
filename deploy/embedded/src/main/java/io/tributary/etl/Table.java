package io.tributary.etl;

import java.util.ArrayList;
import java.util.List;

/** Text in columns, two spaces apart, the last one as long as it is. */
final class Table {
    private final List<List<String>> rows = new ArrayList<>();
    private final boolean[] toTheRight;

    /** @param headings of the columns; one that begins with {@code >} stands to the right, for numbers */
    Table(String... headings) {
        toTheRight = new boolean[headings.length];
        List<String> names = new ArrayList<>();
        for (int i = 0; i < headings.length; i++) {
            toTheRight[i] = headings[i].startsWith(">");
            names.add(toTheRight[i] ? headings[i].substring(1) : headings[i]);
        }
        rows.add(names);
    }

    Table row(Object... cells) {
        if (cells.length != toTheRight.length) {
            throw new IllegalArgumentException(cells.length + " cells, expected " + toTheRight.length);
        }
        rows.add(List.of(cells).stream().map(c -> Text.printable(c.toString())).toList());
        return this;
    }

    List<String> lines() {
        int[] widths = new int[toTheRight.length];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        return rows.stream().map(row -> line(row, widths)).toList();
    }

    private String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String pad = " ".repeat(widths[i] - row.get(i).length());
            line.append(i == 0 ? "" : "  ");
            line.append(toTheRight[i] ? pad + row.get(i) : row.get(i) + pad);
        }
        return line.toString().stripTrailing();
    }
}
