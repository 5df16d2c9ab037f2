package io.tributary.randomuser;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** A page after its content faults. Taken apart and written again, which is slow and only done to pages that have one. */
final class SpoiledPage {
    /** Stands for the bytes that are no UTF-8 until everything else is written. */
    private static final String BAD_BYTES_HERE = "__BAD_BYTES_HERE__";

    private static final byte[] BAD_BYTES = {'x', (byte) 0xC3, (byte) 0x28, (byte) 0xFF, 'y'};
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final ObjectMapper mapper = new ObjectMapper();

    byte[] spoil(byte[] page, List<Fault> faults) {
        if (faults.isEmpty()) {
            return page;
        }
        try {
            ObjectNode root = (ObjectNode) mapper.readTree(page);
            faults.forEach(fault -> structure(root, fault));
            byte[] bytes = mapper.writeValueAsBytes(root);
            for (Fault fault : faults) {
                bytes = bytes(bytes, fault.kind());
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void structure(ObjectNode root, Fault fault) {
        ObjectNode info = root.withObject("/info");
        switch (fault.kind()) {
            case SHORT_RESULTS -> shorten(root, fault.amount());
            case LONG_RESULTS -> lengthen(root, fault.amount());
            case EMPTY_RESULTS -> root.putArray("results");
            case RESULTS_OBJECT -> root.putObject("results");
            case WRONG_PAGE -> info.put("page", info.path("page").asLong() + fault.amount());
            case WRONG_SEED -> info.put("seed", fault.value());
            case WRONG_VERSION -> info.put("version", fault.value());
            default -> user(root, fault);
        }
    }

    private static void shorten(ObjectNode root, long by) {
        ArrayNode results = results(root);
        for (long i = 0; i < by && !results.isEmpty(); i++) {
            results.remove(results.size() - 1);
        }
    }

    private static void lengthen(ObjectNode root, long by) {
        ArrayNode results = results(root);
        for (long i = 0; i < by && !results.isEmpty(); i++) {
            results.add(results.get(results.size() - 1).deepCopy());
        }
    }

    /** Of an emptied page there is no user left to spoil. */
    private static ArrayNode results(ObjectNode root) {
        return root.path("results") instanceof ArrayNode list ? list : root.arrayNode();
    }

    private static void user(ObjectNode root, Fault fault) {
        ArrayNode results = results(root);
        if (results.isEmpty()) {
            return;
        }
        int position = Math.min(fault.position(), results.size() - 1);
        ObjectNode user = (ObjectNode) results.get(position);
        switch (fault.kind()) {
            case DUPLICATE_UUID -> {
                int other = position == 0 ? Math.min(1, results.size() - 1) : position - 1;
                user.withObject("/login").set("uuid", results.at("/" + other + "/login/uuid"));
            }
            case BAD_UUID -> user.withObject("/login").put("uuid", fault.value());
            case NULL_UUID -> user.withObject("/login").putNull("uuid");
            case NUL_CHARACTER -> first(user, "a\u0000b");
            case LONE_SURROGATE -> user.withObject("/name").putRawValue("first", new RawValue("\"a\\ud800b\""));
            case BIDI_NAME -> first(user, "a\u202Eb\u200Bc\u200D\u2066d\u2069");
            case HUGE_NAME -> first(user, "n".repeat((int) fault.amount()));
            case BAD_NUMBER -> raw(user, fault.value(), "1e400");
            case NAN -> raw(user, fault.value(), "NaN");
            case BAD_DATE -> user.withObject("/dob").put("date", fault.value());
            case NEGATIVE_AGE -> user.withObject("/dob").put("age", fault.amount());
            case EXTRA_FIELD ->
                user.putObject(fault.value())
                        .put("tier", "gold")
                        .putArray("points")
                        .add(1);
            case MISSING_OPTIONAL -> user.remove(fault.value());
            case BAD_UTF8 -> first(user, BAD_BYTES_HERE);
            default -> {
                // concerns the bytes, not a user
            }
        }
    }

    private static void first(ObjectNode user, String name) {
        user.withObject("/name").put("first", name);
    }

    private static void raw(ObjectNode user, String pointer, String literal) {
        JsonPointer path = JsonPointer.compile(pointer);
        JsonPointer parent = path.head();
        ObjectNode holder = parent == null || parent.matches() ? user : user.withObject(parent);
        holder.putRawValue(path.last().getMatchingProperty(), new RawValue(literal));
    }

    private static byte[] bytes(byte[] page, FaultKind kind) {
        return switch (kind) {
            case BAD_UTF8 -> {
                // ISO-8859-1 keeps every byte as it is
                String text = new String(page, StandardCharsets.ISO_8859_1);
                String bad = new String(BAD_BYTES, StandardCharsets.ISO_8859_1);
                yield text.replace(BAD_BYTES_HERE, bad).getBytes(StandardCharsets.ISO_8859_1);
            }
            case BOM -> {
                byte[] marked = Arrays.copyOf(BYTE_ORDER_MARK, BYTE_ORDER_MARK.length + page.length);
                System.arraycopy(page, 0, marked, BYTE_ORDER_MARK.length, page.length);
                yield marked;
            }
            case UTF16 -> new String(page, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_16);
            default -> page;
        };
    }
}
