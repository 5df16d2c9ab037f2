package io.tributary.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.luben.zstd.Zstd;
import io.tributary.schemas.Digest;
import io.tributary.schemas.User;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.apache.kafka.common.TopicPartition;

/**
 * What a checker says that trusts no line of the service: the originals are read as JSON, rows by JDBC, records by a consumer.
 *
 * @param lost users of acknowledged runs that a store does not have, "store place"
 * @param phantom users that nobody asked for
 * @param divergent users that are not, in a store, what the source answered; pages whose facts disagree; copies that differ
 * @param duplicates further copies of a record in Kafka
 */
record Verdict(Set<String> lost, Set<String> phantom, Set<String> divergent, long duplicates) {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Of Confluent's wire format: a zero and the schema's id. */
    private static final int FRAME_BYTES = 5;

    /** One user's place in all runs. */
    record Place(UUID run, int page, int position) {}

    private record PageOfRun(UUID run, int page) {}

    /** What the ledger says of a captured page. */
    private record Facts(Instant capturedAt, Digest digest) {}

    /** What must be the same everywhere, as 128 bits: hundreds of thousands are held three times. */
    private static UUID who(String uuid, String nationality, String email, String firstName, Instant bornAt) {
        return hash((uuid + '|' + nationality + '|' + email + '|' + firstName + '|' + bornAt).getBytes(UTF_8));
    }

    private static UUID hash(byte[] bytes) {
        return UUID.nameUUIDFromBytes(bytes);
    }

    /**
     * What is looked at.
     *
     * @param where of the tables
     * @param from offsets of the topic
     */
    private record Scope(Predicate<UUID> runs, String where, Map<TopicPartition, Long> from) {}

    /**
     * Reads every store, all of it: a run that nobody asked for is a phantom.
     *
     * @param users by run, all whose creation was acknowledged
     */
    static Verdict over(Stores stores, Map<UUID, Integer> users, int pageSize)
            throws SQLException, IOException, NoSuchAlgorithmException {
        return over(stores, users, pageSize, new Scope(run -> true, "", Map.of()));
    }

    /** The same for these runs alone, on the topic behind these offsets. */
    static Verdict overRuns(Stores stores, Map<UUID, Integer> users, int pageSize, Map<TopicPartition, Long> from)
            throws SQLException, IOException, NoSuchAlgorithmException {
        String where = users.keySet().stream()
                .map(run -> "'" + run + "'")
                .collect(Collectors.joining(", ", " where run_id in (", ")"));
        return over(stores, users, pageSize, new Scope(users::containsKey, where, from));
    }

    private static Verdict over(Stores stores, Map<UUID, Integer> users, int pageSize, Scope scope)
            throws SQLException, IOException, NoSuchAlgorithmException {
        Verdict verdict = new Verdict(new HashSet<>(), new HashSet<>(), new HashSet<>(), 0);
        Set<Place> expected = expected(users, pageSize);
        Map<PageOfRun, Facts> facts = new HashMap<>();
        Map<Place, UUID> originals = verdict.originals(stores, scope, facts);
        verdict.compare("originals", expected, originals, originals);
        verdict.compare("postgres", expected, originals, rows(stores, scope));
        Map<Place, UUID> records = new HashMap<>();
        long duplicates = verdict.records(stores, scope, facts, records);
        verdict.compare("kafka", expected, originals, records);
        return new Verdict(verdict.lost, verdict.phantom, verdict.divergent, duplicates);
    }

    private static Set<Place> expected(Map<UUID, Integer> users, int pageSize) {
        Set<Place> places = new HashSet<>();
        users.forEach((run, count) -> {
            for (int user = 0; user < count; user++) {
                places.add(new Place(run, user / pageSize + 1, user % pageSize));
            }
        });
        return places;
    }

    private void compare(String store, Set<Place> expected, Map<Place, UUID> originals, Map<Place, UUID> found) {
        expected.stream().filter(place -> !found.containsKey(place)).forEach(place -> lost.add(store + " " + place));
        found.forEach((place, who) -> {
            if (!expected.contains(place)) {
                phantom.add(store + " " + place);
            } else if (!who.equals(originals.get(place))) {
                divergent.add(store + " " + place);
            }
        });
    }

    private Map<Place, UUID> originals(Stores stores, Scope scope, Map<PageOfRun, Facts> facts)
            throws SQLException, IOException, NoSuchAlgorithmException {
        Map<Place, UUID> found = new HashMap<>();
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        try (Connection connection = stores.sql();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.setFetchSize(50); // bodies of pages, not all at once
            ResultSet pages = statement.executeQuery(
                    "select run_id, page, captured_at, body_bytes, body_sha256, body, state, users, digest "
                            + "from page join response using (run_id, page)" + scope.where());
            while (pages.next()) {
                UUID run = pages.getObject(1, UUID.class);
                int page = pages.getInt(2);
                facts.put(
                        new PageOfRun(run, page),
                        new Facts(pages.getTimestamp(3).toInstant(), new Digest(pages.getInt(8), pages.getLong(9))));
                byte[] body = original(pages.getBytes(6), pages.getInt(4));
                if (!Arrays.equals(sha256.digest(body), pages.getBytes(5)) || !"COMPLETE".equals(pages.getString(7))) {
                    divergent.add("ledger " + run + " page " + page + " " + pages.getString(7));
                }
                int position = 0;
                for (JsonNode user : JSON.readTree(body).get("results")) {
                    found.put(new Place(run, page, position++), who(user));
                }
            }
        }
        return found;
    }

    /** Kept as it came where that was compressed, else by zstd. */
    private static byte[] original(byte[] kept, int bytes) throws IOException {
        if (kept[0] != 0x1F) {
            return Zstd.decompress(kept, bytes);
        }
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(kept))) {
            return in.readAllBytes();
        }
    }

    private static UUID who(JsonNode user) {
        return who(
                user.at("/login/uuid").asText(),
                user.get("nat").asText(),
                user.get("email").asText(),
                user.at("/name/first").asText(),
                Instant.parse(user.at("/dob/date").asText()));
    }

    private static Map<Place, UUID> rows(Stores stores, Scope scope) throws SQLException, IOException {
        Map<Place, UUID> found = new HashMap<>();
        try (Connection connection = stores.sql();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.setFetchSize(10_000);
            ResultSet rows = statement.executeQuery(
                    "select run_id, page, position, user_id, nationality, email, first_name, born_at from users"
                            + scope.where());
            while (rows.next()) {
                found.put(
                        new Place(rows.getObject(1, UUID.class), rows.getInt(2), rows.getInt(3)),
                        who(
                                rows.getString(4),
                                rows.getString(5),
                                rows.getString(6),
                                rows.getString(7),
                                rows.getTimestamp(8).toInstant()));
            }
        }
        return found;
    }

    /** Fills {@code found}; returns how many records came more than once. */
    private long records(Stores stores, Scope scope, Map<PageOfRun, Facts> facts, Map<Place, UUID> found) {
        Map<Place, UUID> values = new HashMap<>();
        Map<PageOfRun, Digest> digests = new HashMap<>();
        long[] duplicates = new long[1];
        stores.forEachRecord(scope.from(), (record, event) -> {
            if (!scope.runs().test(event.runId())) {
                return;
            }
            Place place = new Place(event.runId(), event.page(), event.position());
            PageOfRun page = new PageOfRun(event.runId(), event.page());
            UUID bytes = hash(record.value());
            UUID before = values.putIfAbsent(place, bytes);
            if (before == null) {
                long hash = Digest.hashOf(Arrays.copyOfRange(record.value(), FRAME_BYTES, record.value().length));
                digests.merge(page, Digest.EMPTY.plus(hash), Digest::plus);
            } else {
                duplicates[0]++;
                if (!before.equals(bytes)) {
                    divergent.add("kafka, two copies of " + place);
                }
            }
            User user = event.user();
            found.put(
                    place,
                    who(
                            user.userId().toString(),
                            user.nationality(),
                            String.valueOf(user.email()),
                            String.valueOf(user.firstName()),
                            user.bornAt()));
            Facts captured = facts.get(page);
            if (captured == null
                    || !event.capturedAt().equals(captured.capturedAt())
                    || !record.key().equals(user.userId().toString())) {
                divergent.add("kafka, event time or key of " + place);
            }
        });
        facts.forEach((page, captured) -> {
            if (!captured.digest().equals(digests.get(page))) {
                divergent.add("kafka, digest of " + page);
            }
        });
        return duplicates[0];
    }

    boolean isClean() {
        return lost.isEmpty() && phantom.isEmpty() && divergent.isEmpty();
    }

    @Override
    public String toString() {
        return "lost " + some(lost) + ", phantom " + some(phantom) + ", divergent " + some(divergent) + ", duplicates "
                + duplicates;
    }

    private static String some(Set<String> all) {
        return all.size() + all.stream().sorted().limit(5).collect(Collectors.joining("; ", " [", "]"));
    }
}
