package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.schemas.UserEvent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Whatever happens to the records of a set of pages and to who counts them, the tables are those of each user counted once.
 * Each seed is one life: a log shuffled and full of repetitions; batches of any size, halted before, within and after their
 * writes; states forgotten; checkpoints lost; a zombie that writes what it knew. Replay one by {@code -Dcounter.seed=N}.
 */
class CounterPropertyTest {
    private static final int LIVES = 300;
    private static final PageRows ROWS = new PageRows(java.time.Duration.ofMinutes(1), 3);

    @Test
    @Tag("bad-input-29")
    @DisplayName("29 · any shuffle, repetition, split, forgotten state, restart and zombie gives the same tables")
    void anyLifeGivesTheSameTables() {
        Long given = Long.getLong("counter.seed");
        long first = given != null ? given : System.nanoTime();
        System.out.println("counter.seed=" + first + " lives=" + (given != null ? 1 : LIVES));
        for (long seed = first; seed < first + (given != null ? 1 : LIVES); seed++) {
            try {
                live(new Random(seed));
            } catch (AssertionError e) {
                throw new AssertionError("replay by -Dcounter.seed=" + seed + ": " + e.getMessage(), e);
            }
        }
    }

    private static void live(Random random) {
        // Given
        List<UserEvent> users = users(random);
        List<UserEvent> log = new ArrayList<>(users);
        users.stream().filter(user -> random.nextInt(3) == 0).forEach(log::add);
        Collections.shuffle(log, random);
        CassandraModel cassandra = new CassandraModel();
        Counter counter = new Counter(log, cassandra, random);
        // When
        for (int step = 0; step < 25; step++) {
            counter.step();
        }
        counter.toTheEnd();
        counter.replay(users); // a page forgotten half-way falls short until it is published again
        // Then
        assertThat(cassandra.cells()).isEqualTo(CassandraModel.expected(users));
    }

    private static List<UserEvent> users(Random random) {
        List<UserEvent> users = new ArrayList<>();
        for (int run = 1; run <= 1 + random.nextInt(2); run++) {
            for (int page = 1; page <= 1 + random.nextInt(3); page++) {
                users.addAll(Pages.page(new UUID(0, run), page, 1 + random.nextInt(120), random));
            }
        }
        return users;
    }

    /** What a driver knows: how far it is, and the state of each page. */
    private static final class Counter {
        private final List<UserEvent> log;
        private final CassandraModel cassandra;
        private final Random random;
        private Map<ByteBuffer, byte[]> states = new HashMap<>();
        private int offset;
        private Map<ByteBuffer, byte[]> zombieStates = new HashMap<>();
        private int zombieOffset;

        Counter(List<UserEvent> log, CassandraModel cassandra, Random random) {
            this.log = log;
            this.cassandra = cassandra;
            this.random = random;
        }

        void step() {
            switch (random.nextInt(10)) {
                case 0 -> states.keySet().removeIf(page -> random.nextInt(3) == 0); // the TTL
                case 1 -> { // the checkpoint is lost
                    states.clear();
                    offset = 0;
                }
                case 2 -> { // what stands now will be believed by a driver that was cut off
                    zombieStates = new HashMap<>(states);
                    zombieOffset = offset;
                }
                case 3 -> write(count(new HashMap<>(zombieStates), zombieOffset, end(zombieOffset)), 1);
                case 4 ->
                    write(count(new HashMap<>(states), offset, end(offset)), random.nextDouble()); // halted half-way
                case 5 -> write(count(new HashMap<>(states), offset, end(offset)), 1); // halted before the commit
                default -> batch(end(offset));
            }
        }

        void toTheEnd() {
            while (offset < log.size()) {
                batch(end(offset));
            }
        }

        void replay(List<UserEvent> users) {
            List<UserEvent> again = new ArrayList<>(users);
            Collections.shuffle(again, random);
            log.addAll(again);
            toTheEnd();
        }

        private void batch(int end) {
            Map<ByteBuffer, byte[]> next = new HashMap<>(states);
            write(count(next, offset, end), 1);
            states = next;
            offset = end;
        }

        private int end(int from) {
            return from + (from == log.size() ? 0 : 1 + random.nextInt(log.size() - from));
        }

        /** One micro-batch: packed where it was read, in two tasks, and joined to the states. */
        private List<Row> count(Map<ByteBuffer, byte[]> known, int from, int to) {
            int cut = from + random.nextInt(to - from + 1);
            List<byte[]> parts = new ArrayList<>(parts(log.subList(from, cut)));
            parts.addAll(parts(log.subList(cut, to)));
            Collections.shuffle(parts, random);
            Map<ByteBuffer, List<byte[]>> byPage = new LinkedHashMap<>();
            parts.forEach(
                    part -> byPage.computeIfAbsent(ByteBuffer.wrap(PagePart.keyOf(part)), key -> new ArrayList<>())
                            .add(part));
            List<Row> rows = new ArrayList<>();
            byPage.forEach((page, ofPage) -> {
                PageCounter counter = PageCounter.of(known.get(page), PagePart.of(ofPage.get(0)));
                ofPage.forEach(part -> counter.add(PagePart.of(part)));
                if (counter.isChanged()) {
                    known.put(page, counter.pack());
                    rows.addAll(ROWS.of(page.array(), counter));
                }
            });
            return rows;
        }

        /** In any order, and of them this share. */
        private void write(List<Row> rows, double share) {
            List<Row> shuffled = new ArrayList<>(rows);
            Collections.shuffle(shuffled, random);
            shuffled.subList(0, (int) Math.round(shuffled.size() * share)).forEach(cassandra::write);
        }
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
