package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.schemas.Digest;
import io.tributary.schemas.UserEvent;
import io.tributary.schemas.UserEventEncoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PageCounterTest {
    private static final UUID RUN = UUID.fromString("6d1f9a52-54a3-4c53-9d52-1b1df5c5a2f1");
    private static final PageRows ROWS = new PageRows(Duration.ofMinutes(1), 3);

    @Test
    void anyShuffleDuplicationAndSplitOfPagesGivesTheSameTables() {
        for (long seed = 1; seed <= 60; seed++) {
            // Given
            Random random = new Random(seed);
            List<UserEvent> users = new ArrayList<>();
            for (int page = 1; page <= 1 + random.nextInt(4); page++) {
                users.addAll(Pages.page(RUN, page, 1 + random.nextInt(300), random));
            }
            List<UserEvent> sent = new ArrayList<>(users);
            users.stream().filter(user -> random.nextInt(3) == 0).forEach(sent::add);
            Collections.shuffle(sent, random);
            // When
            Map<List<Object>, Written> tables = tables(sent, random);
            // Then
            assertThat(cells(tables)).as("seed %d", seed).isEqualTo(expected(users));
        }
    }

    @Test
    void aForgottenStateFallsShortAndThenLosesToWhatStands() {
        for (long seed = 1; seed <= 40; seed++) {
            // Given
            Random random = new Random(seed);
            List<UserEvent> users = Pages.page(RUN, 1, 200, random);
            Map<List<Object>, Written> tables = tables(users, random);
            List<UserEvent> half = new ArrayList<>(users);
            Collections.shuffle(half, random);
            // When
            Map<List<Object>, Written> afterwards = tables(half.subList(0, 100), random);
            afterwards.forEach((key, row) -> tables.merge(key, row, Written::later));
            // Then
            assertThat(cells(tables)).as("seed %d", seed).isEqualTo(expected(users));
        }
    }

    @Test
    void theFirstBodyAtAPositionCounts() {
        // Given
        List<UserEvent> page = Pages.page(RUN, 1, 10, new Random(1));
        UserEvent other = Pages.changed(page.get(4), Pages.user(new Random(99), "Somebody"));
        PageCounter counter = PageCounter.of(null, part(page));
        counter.add(part(page));
        // When
        PageCounter later = PageCounter.of(counter.pack(), part(List.of(other)));
        later.add(part(List.of(other)));
        // Then
        assertThat(later.isChanged()).isFalse();
        assertThat(later.digest()).isEqualTo(digest(page).sum());
    }

    @Test
    void aPartOfAnotherSizeOrTimeOfThePageIsLeftOut() {
        // Given
        List<UserEvent> page = Pages.page(RUN, 1, 10, new Random(1));
        UserEvent user = page.get(0);
        UserEvent larger = Pages.moved(user, 1, 4000, 5000, user.capturedAt());
        UserEvent later = Pages.moved(user, 1, 0, 10, user.capturedAt().plusSeconds(1));
        PageCounter counter = PageCounter.of(null, part(page));
        // When
        counter.add(part(List.of(larger)));
        counter.add(part(List.of(later)));
        // Then
        assertThat(counter.users()).isZero();
    }

    @Test
    void onlyGroupsThatGrewAreWrittenAgain() {
        // Given
        List<UserEvent> page = Pages.page(RUN, 1, 100, new Random(7));
        PageCounter counter = PageCounter.of(null, part(page));
        counter.add(part(page.subList(0, 99)));
        UserEvent last = page.get(99);
        // When
        PageCounter later = PageCounter.of(counter.pack(), part(page));
        later.add(part(page));
        // Then
        assertThat(later.changedGroups())
                .extracting(counted ->
                        counted.group().nationality() + counted.group().gender())
                .containsExactly(last.user().nationality() + last.user().gender());
        assertThat(later.users()).isEqualTo(100);
    }

    @Test
    void theLargestPageIsKeptWhole() {
        // Given
        List<UserEvent> page = Pages.page(RUN, 1, 5_000, new Random(7));
        PageCounter counter = PageCounter.of(null, part(page));
        counter.add(part(page));
        // When
        byte[] state = counter.pack();
        PageCounter read = PageCounter.of(state, part(page));
        // Then
        assertThat(read.pack()).isEqualTo(state).hasSizeLessThan(1_200);
        assertThat(read.users()).isEqualTo(5_000);
        assertThat(read.digest()).isEqualTo(digest(page).sum());
    }

    /** What stands in Cassandra: by table and key, the row with the highest timestamp. */
    private record Written(long timestamp, List<Object> values) {
        Written later(Written other) {
            return other.timestamp > timestamp ? other : this;
        }
    }

    /** Runs the events through batches, each split into parts, with state packed in between. */
    private static Map<List<Object>, Written> tables(List<UserEvent> events, Random random) {
        Map<String, byte[]> states = new HashMap<>();
        Map<List<Object>, Written> tables = new HashMap<>();
        int from = 0;
        while (from < events.size()) {
            int to = Math.min(events.size(), from + 1 + random.nextInt(events.size()));
            List<byte[]> parts = new ArrayList<>();
            int cut = from + random.nextInt(to - from + 1);
            parts.addAll(parts(events.subList(from, cut)));
            parts.addAll(parts(events.subList(cut, to)));
            Collections.shuffle(parts, random);
            parts.stream()
                    .collect(Collectors.groupingBy(packed -> new UUID(
                            PagePart.runOf(PagePart.keyOf(packed)).getMostSignificantBits(),
                            PagePart.pageOf(PagePart.keyOf(packed)))))
                    .forEach((key, ofPage) -> {
                        byte @Nullable [] state = states.get(key.toString());
                        PageCounter counter = PageCounter.of(state, PagePart.of(ofPage.get(0)));
                        ofPage.forEach(packed -> counter.add(PagePart.of(packed)));
                        if (counter.isChanged()) {
                            states.put(key.toString(), counter.pack());
                            ROWS.of(PagePart.keyOf(ofPage.get(0)), counter).forEach(row -> write(tables, row));
                        }
                    });
            from = to;
        }
        return tables;
    }

    private static void write(Map<List<Object>, Written> tables, Row row) {
        String table = row.getString(PageRows.SHAPE.fieldIndex(PageRows.TABLE));
        Function<String, Object> cell = name -> row.get(PageRows.SHAPE.fieldIndex(name));
        List<Object> key = switch (table) {
            case "window_users" ->
                List.of(
                        table,
                        cell.apply("window_start"),
                        cell.apply("nationality"),
                        cell.apply("gender"),
                        cell.apply("page"));
            case "page_sums" -> List.of(table, cell.apply("page"));
            default -> List.of(table, cell.apply("day"), cell.apply("window_start"));
        };
        List<Object> values = switch (table) {
            case "window_users" -> List.of(cell.apply("users"), cell.apply("aged"), cell.apply("age_sum"));
            case "page_sums" -> List.of(cell.apply("users"), cell.apply("digest"), cell.apply("page_users"));
            default -> List.of();
        };
        tables.merge(key, new Written((long) cell.apply(PageRows.WRITE_TIME), values), Written::later);
    }

    private static Map<List<Object>, List<Object>> cells(Map<List<Object>, Written> tables) {
        return tables.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().values()));
    }

    /** The same tables, counted the plain way from each user once. */
    private static Map<List<Object>, List<Object>> expected(List<UserEvent> users) {
        Map<List<Object>, List<Object>> tables = new HashMap<>();
        Map<Integer, List<UserEvent>> pages = users.stream().collect(Collectors.groupingBy(UserEvent::page));
        pages.forEach((page, ofPage) -> {
            tables.put(
                    List.of("page_sums", page),
                    List.of(ofPage.size(), digest(ofPage).sum(), ofPage.get(0).pageUsers()));
            var minute = ofPage.get(0).capturedAt().truncatedTo(java.time.temporal.ChronoUnit.MINUTES);
            tables.put(
                    List.of(
                            "windows_by_day",
                            minute.atZone(java.time.ZoneOffset.UTC).toLocalDate(),
                            minute),
                    List.of());
            ofPage.stream()
                    .collect(Collectors.groupingBy(event ->
                            List.of(event.user().nationality(), event.user().gender())))
                    .forEach((group, members) -> {
                        List<Integer> ages = members.stream()
                                .map(event -> event.user().age())
                                .filter(age -> age != null)
                                .toList();
                        long ageSum = ages.stream().mapToInt(Integer::intValue).sum();
                        tables.put(
                                List.of("window_users", minute, group.get(0), group.get(1), page),
                                List.of(members.size(), ages.size(), ageSum));
                    });
        });
        return tables;
    }

    private static Digest digest(List<UserEvent> users) {
        UserEventEncoder encoder = new UserEventEncoder();
        Digest digest = Digest.EMPTY;
        for (UserEvent user : users) {
            digest = digest.plus(Digest.hashOf(encoder.body(user)));
        }
        return digest;
    }

    private static PagePart part(List<UserEvent> ofOnePage) {
        return PagePart.of(parts(ofOnePage).get(0));
    }

    private static List<byte[]> parts(List<UserEvent> events) {
        PagePart.Packer packer = new PagePart.Packer();
        events.forEach(packer::add);
        List<byte[]> parts = new ArrayList<>();
        for (Iterator<byte[]> each = packer.parts(); each.hasNext(); ) {
            parts.add(each.next());
        }
        return parts;
    }
}
